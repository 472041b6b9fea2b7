// board.mjs -- what a page gains with script: it stays current, and obeys the keyboard.
// Every page reads, prints and acts without it.
