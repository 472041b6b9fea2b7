#!/usr/bin/env bats
# report.bats -- a patient's report has the numbers of `summary`, and prints without a
# chart that is cut in two.
load ../lib/clinic

setup() {
    clinic_open
    write_config
    mkdir -p "$DATA"
    "$STEPWARD_BIN/screen" --fill "$DATA" "$ZONE"
}
teardown() { clinic_close; }

# The rows of the report's table as CSV, in the order of the days. The value of each
# <data> is as `summary` prints it.
rows_of() {
    grep -o '<tr data-key="day-.*</tr>' "$1" | sed 's|</tr>|&\n|g' | grep '<tr' |
        sed -E 's/<data value="([^"]*)"/\n\1\n</g' |
        awk '/<tr data-key/ { if (row != "") print row; row = "p017"; next }
            !/[<>]/ { row = row "," $0 } END { print row }' | sort
}

@test "the report's numbers are those of summary" {
    stepward report p017 --days 28 -o "$CLINIC/p017.html" 2>/dev/null
    stepward summary p017 --days 28 --format csv 2>/dev/null | tail -n +2 >"$CLINIC/summary.csv"
    [ "$(wc -l <"$CLINIC/summary.csv")" -eq 28 ]
    diff "$CLINIC/summary.csv" <(rows_of "$CLINIC/p017.html")
    stepward report p017 --days 90 2>/dev/null >"$CLINIC/quarter.html"
    diff "$CLINIC/summary.csv" <(rows_of "$CLINIC/quarter.html")
}

@test "a report that cannot be written leaves the one before" {
    stepward report p017 -o "$CLINIC/p017.html" 2>/dev/null
    cp "$CLINIC/p017.html" "$CLINIC/before.html"
    run stepward report p018 -o "$CLINIC/p017.html"
    [ "$status" -eq 1 ]
    cmp "$CLINIC/p017.html" "$CLINIC/before.html"
    [ "$(find "$CLINIC" -name 'p017.html*' | wc -l)" -eq 1 ]
}

@test "it prints on A4, and no chart is cut in two" {
    type -t chromium pdftotext >/dev/null || skip "needs chromium and poppler-utils"
    stepward report p017 --days 28 -o "$CLINIC/p017.html" 2>/dev/null
    HOME=$CLINIC chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer \
        --print-to-pdf="$CLINIC/p017.pdf" "file://$CLINIC/p017.html" 2>/dev/null
    local pages
    pages=$(pdfinfo "$CLINIC/p017.pdf" | sed -n 's/^Pages: *//p')
    [ "$pages" -le 3 ]
    pdfinfo "$CLINIC/p017.pdf" | grep -q "^Page size: .*A4"
    # The first and the last of each chart stand on one page.
    on_one_page "Steps a day" "another device"
    on_one_page "Minute by minute" "rest over the limit"
}
on_one_page() {
    local page
    for ((page = 1; page <= pages; page++)); do
        if pdftotext -f "$page" -l "$page" "$CLINIC/p017.pdf" - | grep -qF "$1"; then
            pdftotext -f "$page" -l "$page" "$CLINIC/p017.pdf" - | grep -qF "$2"
            return
        fi
    done
    return 1
}
