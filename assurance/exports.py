"""How is a report taken away, as CSV or as a spreadsheet?"""

import csv
import io

from django.http import HttpResponse
from openpyxl import Workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(name, rows):
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    csv.writer(answer).writerows(rows)
    return answer


def as_xlsx(name, rows):
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name.replace("-", " ").capitalize())
    for row in rows:
        sheet.append(row)
    output = io.BytesIO()
    book.save(output)
    answer = HttpResponse(output.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


EXPORTS = {"csv": as_csv, "xlsx": as_xlsx}
