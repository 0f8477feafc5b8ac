"""A clock for seeding: it stands where it is put, and is only ever put forward."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUSE_TIME = ZoneInfo("Europe/Stockholm")
_MORNING = time(8, 40)
_STEP = timedelta(minutes=6)


class MovableClock:
    """Milliseconds, UTC. ``now`` is where the story ends."""

    def __init__(self, now: int) -> None:
        self._today = datetime.fromtimestamp(now / 1000, HOUSE_TIME).date()
        self._now, self._at, self._ago, self._number = now, 0, -1, 0

    def __call__(self) -> int:
        return self._at

    def day(self, ago: int) -> date:
        """The day that many days back; negative for one that is to come."""
        return self._today - timedelta(days=ago)

    def to(self, ago: int) -> None:
        """The next moment of that day: a few minutes after the last one. Raises ValueError for going back."""
        self._number = self._number + 1 if ago == self._ago else 0
        self._ago = ago
        at = datetime.combine(self.day(ago), _MORNING, HOUSE_TIME) + self._number * _STEP
        moment = int(at.timestamp() * 1000)
        if not self._at <= moment <= self._now:
            raise ValueError(f"day {ago}, moment {self._number}: a story is told forwards, and ends now")
        self._at = moment

    def end(self) -> None:
        self._at = self._now
