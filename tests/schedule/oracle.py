#!/usr/bin/python3
"""Ticks of cron schedules, minute by minute, with Python's zoneinfo: what the host's are compared with.

Reads lines "ZONE FIRST_DAY DAYS CRON" and prints for each one line: the ticks as minutes since 1970,
after FIRST_DAY 00:00 UTC up to DAYS days later.
"""
import bisect
import datetime
import functools
import sys
import zoneinfo

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()
EPOCH = datetime.datetime(1970, 1, 1)
MARGIN = 3 * 1440


@functools.lru_cache(maxsize=None)
def clocks(zone_name, first, count):
    """What the zone's clocks show, for each minute; minutes since 1970 in both."""
    zone = zoneinfo.ZoneInfo(zone_name)

    def offset(minute):
        when = datetime.datetime.fromtimestamp(minute * 60, zone)
        return when.utcoffset() // datetime.timedelta(minutes=1)

    shown = []
    for block in range(first, first + count, 30):
        if offset(block) == offset(block + 30):
            shown += [minute + offset(block) for minute in (block,)]
            shown += [shown[-1] + step for step in range(1, 30)]
        else:
            shown += [minute + offset(minute) for minute in range(block, block + 30)]
    return shown


def numbers(text, names, base, low, high):
    out = set()
    for part in text.lower().split(","):
        span, _, step = part.partition("/")
        ends = [names.index(end) + base if end in names else end for end in span.split("-")]
        if span == "*":
            ends = [low, high]
        elif len(ends) == 1:
            ends = [ends[0], high if step else ends[0]]
        out.update(range(int(ends[0]), int(ends[1]) + 1, int(step or 1)))
    return out


def matcher(cron):
    minute, hour, day, month, weekday = cron.split()
    minutes = numbers(minute, [], 0, 0, 59)
    hours = numbers(hour, [], 0, 0, 23)
    days = numbers(day, [], 0, 1, 31)
    months = numbers(month, MONTHS, 1, 1, 12)
    weekdays = {each % 7 for each in numbers(weekday, WEEKDAYS, 0, 0, 7)}

    @functools.lru_cache(maxsize=None)
    def day_fits(number):
        date = (EPOCH + datetime.timedelta(days=number)).date()
        by_day, by_weekday = date.day in days, date.isoweekday() % 7 in weekdays
        either = not day.startswith("*") and not weekday.startswith("*")
        fits = (by_day or by_weekday) if either else (by_day and by_weekday)
        return date.month in months and fits

    def fits(local):
        number, rest = divmod(local, 1440)
        return rest % 60 in minutes and rest // 60 in hours and day_fits(number)

    return fits, len(hours) == 24


def ticks(zone, first, count, cron):
    shown = clocks(zone, first - MARGIN, count + 2 * MARGIN)
    fits, every_hour = matcher(cron)
    if every_hour:
        found = {first - MARGIN + i for i, local in enumerate(shown) if fits(local)}
    else:
        once = {}
        highest = []
        for i, local in enumerate(shown):
            once.setdefault(local, i)
            highest.append(max(local, highest[-1]) if highest else local)
        found = set()
        for local in range(shown[0], highest[-1] + 1):
            if fits(local):
                at = once.get(local)
                if at is None:  # clocks jumped over it: the first instant after
                    at = bisect.bisect_left(highest, local)
                found.add(first - MARGIN + at)
    return sorted(each for each in found if first < each <= first + count)


for line in sys.stdin:
    zone, day, days, cron = line.rstrip("\n").split(" ", 3)
    first = (datetime.datetime.fromisoformat(day) - EPOCH) // datetime.timedelta(minutes=1)
    print(*ticks(zone, first, int(days) * 1440, cron))
