"""The page for humans: the newest tickets."""

import html

import records

COLUMNS = ("id", "title", "status", "externalId", "version", "updatedAt")

FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>your-app: tickets</title>
<style>
body {{ font: 16px/1.4 sans-serif; margin: 2rem; }}
td, th {{ padding: .3rem .8rem; text-align: left; border-bottom: 1px solid #ddd; }}
</style>
<h1>Tickets</h1>
<table><tr>{head}</tr>
{rows}
</table>
</html>
"""


def tickets(db):
    rows = [_row("td", (record.get(name, "") for name in COLUMNS))
            for record in records.newest(db, "tickets", 100)]
    return FRAME.format(head=_cells("th", COLUMNS), rows="\n".join(rows))


def _row(tag, values):
    return f"<tr>{_cells(tag, values)}</tr>"


def _cells(tag, values):
    return "".join(f"<{tag}>{html.escape(str(value))}</{tag}>" for value in values)
