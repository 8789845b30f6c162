"""Files that leave for the bank and the books, and files that come back. Pure: bytes out of plain values, and back."""
