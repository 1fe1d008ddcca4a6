"""Times as the API writes them: UTC with milliseconds, so that text order is time order."""

import datetime

from errors import ApiError


def timestamp(moment=None):
    moment = moment or datetime.datetime.now(datetime.timezone.utc)
    utc = moment.astimezone(datetime.timezone.utc)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def normal_time(name, text):
    try:
        moment = datetime.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.timezone.utc)
        return timestamp(moment)
    except (ValueError, OverflowError):
        raise ApiError(400, "invalid",
                       f"{name}: expected a time like 2026-01-31T12:00:00Z, got {text!r}") from None
