"""A small terminal for tests: what a stream with cursor codes looks like in the end. Knows what our block uses."""

import re

_PART = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|(\r\n|\r|\n)|([^\x1b\r\n]+)")


class Screen:
    """Rows of text and a cursor. Making it narrower breaks its rows, as terminals do."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self.rows = [""]
        self.row = self.column = 0
        self.is_cursor_shown = True

    @property
    def text(self) -> str:
        """All rows, those that have scrolled away, too, without the empty ones at the end."""
        return "\n".join(row.rstrip() for row in self.rows).rstrip("\n")

    def feed(self, text: str) -> None:
        """Write `text`. A code that this terminal does not know is an error."""
        end = 0
        for found in _PART.finditer(text):
            assert found.start() == end, f"unknown: {text[end : found.start()]!r}"
            end = found.end()
            private, numbers, code, line_end, plain = found.groups()
            if plain:
                self._write(plain)
            elif line_end:
                self._end_line(line_end)
            else:
                self._obey(private, numbers, code)
        assert end == len(text), f"unknown: {text[end:]!r}"

    def narrow(self, columns: int) -> None:
        """Make it narrower; the cursor stays behind the character that it stood behind."""
        broken, place = list[str](), 0
        for number, row in enumerate(self.rows):
            if number == self.row:
                place = len(broken) + self.column // columns
            broken += [row[at : at + columns] for at in range(0, max(1, len(row)), columns)]
        self.rows, self.row, self.column, self.columns = broken, place, self.column % columns, columns

    def _write(self, plain: str) -> None:
        for character in plain:
            if self.column >= self.columns:
                self._end_line("\r\n")
            row = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = row[: self.column] + character + row[self.column + 1 :]
            self.column += 1

    def _end_line(self, kind: str) -> None:
        if kind != "\r":
            self.row += 1
            self.rows += [""] * (self.row + 1 - len(self.rows))
        self.column = 0 if "\r" in kind or kind == "\n" else self.column

    def _obey(self, private: str, numbers: str, code: str) -> None:
        count = int(numbers or "1") if numbers.isdigit() or not numbers else 0
        if private:
            assert numbers == "25", numbers
            self.is_cursor_shown = code == "h"
        elif code in "AF":
            self.row = max(0, self.row - count, len(self.rows) - self.lines)
            self.column = 0 if code == "F" else self.column
        elif code == "K":
            assert numbers == "2"
            self.rows[self.row] = ""
        elif code == "J":
            self.rows[self.row :] = [self.rows[self.row][: self.column]]
        else:
            assert code == "m", code
