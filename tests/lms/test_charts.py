"""Tests of where the bars of a chart lie."""

from lms.web import charts
from lms.web.charts import Bar, Text, Value

KEY = [("Before", "shade-6")]


def test_bars_stand_below_their_heading_with_their_figure_behind_them():
    values = [Value("shade-6", 2.5, "2.5"), Value("shade-3", 5, "5.0")]
    chart = charts.grouped([("One", values), ("Two", values[:1])], 5, key=KEY, margin=40)
    assert (chart.width, chart.height, chart.key) == (360, 82 + 58, KEY)
    assert chart.bars == [
        Bar("shade-6", 0, 22, 160, 18), Bar("shade-3", 0, 46, 320, 18),
        Bar("shade-6", 0, 104, 160, 18),
    ]  # fmt: skip
    assert chart.texts == [
        Text(0, 14, "One"), Text(166, 36, "2.5"), Text(326, 60, "5.0"),
        Text(0, 96, "Two"), Text(166, 118, "2.5"),
    ]  # fmt: skip


def test_overlaid_bars_cover_each_other():
    groups = [(name, [Value("of", 4), Value("part", 1)]) for name in ("One", "Two")]
    chart = charts.grouped(groups, 4, spacing=charts.OVERLAID, key=KEY)
    assert [(bar.y, bar.width) for bar in chart.bars] == [(20, 320), (20, 80), (60, 320), (60, 80)]
    assert chart.height == 80


def test_the_parts_of_a_bar_follow_each_other():
    chart = charts.of_parts([("A", 3), ("B", 1)])
    assert [(bar.x, bar.width) for bar in chart.bars] == [(0, 450), (450, 150)]
    assert chart.key == [("A 3", "shade-1"), ("B 1", "shade-2")]
