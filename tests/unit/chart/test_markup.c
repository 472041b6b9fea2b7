/* test_markup.c -- what a person wrote stays text, whatever it looks like. */
#include "chart/markup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *ended(struct mk *m)
{
    char *bytes = NULL;
    size_t n = 0;
    assert_int_equal(mk_end(m, &bytes, &n), 0);
    assert_int_equal(strlen(bytes), n);
    return bytes;
}

static void assert_page(struct mk *m, const char *expected)
{
    char *bytes = ended(m);
    assert_string_equal(bytes, expected);
    free(bytes);
}

static void test_markup__elements(void **state)
{
    struct mk m = {0};
    (void)state;
    mk_open(&m, "p");
    mk_attr(&m, "class", "name");
    mk_attr_int(&m, "data-n", -3);
    mk_flag(&m, "hidden");
    mk_text(&m, "a");
    mk_open(&m, "br");
    mk_close(&m);
    mk_element(&m, "b", "c");
    assert_page(&m, "<p class=\"name\" data-n=\"-3\" hidden>a<br><b>c</b></p>");
}

static void test_markup__texts_never_become_markup(void **state)
{
    struct mk m = {0};
    (void)state;
    mk_open(&m, "p");
    mk_attr(&m, "title", "\"><img onerror='x'>&");
    mk_textf(&m, "%s", "\"><img onerror='x'>&");
    assert_page(&m, "<p title=\"&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;&amp;\">"
                    "&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;&amp;</p>");
}

static void test_markup__garbage_is_replaced(void **state)
{
    struct mk m = {0};
    (void)state;
    mk_text(&m, "J\xc3\xbcrgen\n");
    mk_text(&m, "\xff|\x01|\x7f|\xe2\x80\xae|\xc3");
    mk_text(&m, NULL);
    assert_page(&m,
                "J\xc3\xbcrgen\n\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd|"
                "\xef\xbf\xbd");
}

static void test_markup__what_is_kept_is_written_again(void **state)
{
    struct mk m = {0}, other = {0};
    struct mk_kept kept = {.n = 0};
    char *first = NULL, *second = NULL;
    size_t n;
    (void)state;
    mk_open(&m, "ul");
    size_t from = mk_here(&m);
    mk_element(&m, "li", "<b>");
    mk_element(&m, "li", "2");
    mk_keep(&m, from, &kept);
    assert_int_equal(mk_end(&m, &first, &n), 0);
    mk_open(&other, "ul");
    mk_put_kept(&other, &kept); /* though the tag before it is open */
    assert_int_equal(mk_end(&other, &second, &n), 0);
    assert_string_equal(first, "<ul><li>&lt;b&gt;</li><li>2</li></ul>");
    assert_string_equal(second, first);
    mk_kept_fini(&kept);
    assert_null(kept.bytes);
    free(first);
    free(second);
}

static void test_markup__fragments(void **state)
{
    struct mk m = {0};
    (void)state;
    mk_open(&m, "ul");
    mk_open_keyed(&m, "li", "p1");
    mk_open_keyed(&m, "b", "p1-steps");
    mk_text(&m, "7");
    mk_close(&m);
    mk_close(&m);
    mk_close(&m);
    assert_int_equal(m.n_fragments, 2);
    const char *li = "<li data-key=\"p1\"><b data-key=\"p1-steps\">7</b></li>";
    assert_string_equal(m.fragments[0].key, "p1");
    assert_int_equal(m.fragments[0].to - m.fragments[0].from, strlen(li));
    assert_memory_equal(m.bytes + m.fragments[0].from, li, strlen(li));
    assert_string_equal(m.fragments[1].key, "p1-steps");
    assert_memory_equal(m.bytes + m.fragments[1].from, "<b data", strlen("<b data"));
    mk_fini(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markup__elements),
        cmocka_unit_test(test_markup__texts_never_become_markup),
        cmocka_unit_test(test_markup__garbage_is_replaced),
        cmocka_unit_test(test_markup__what_is_kept_is_written_again),
        cmocka_unit_test(test_markup__fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
