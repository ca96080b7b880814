"""Where somebody is in the lessons: on when a lesson is done, back when what it brought is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from leporello.tui.teaching.lessons import LESSONS, Lesson, Seen


@dataclass
class Tutor:
    """Goes through lessons; `at` is the number of the one that is to be done."""

    at: int = 0
    lessons: Sequence[Lesson] = field(default=LESSONS)

    @property
    def lesson(self) -> Lesson | None:
        """What is to be done; None at the end."""
        return self.lessons[self.at] if self.at < len(self.lessons) else None

    def look(self, seen: Seen) -> bool:
        """See how everything stands; whether there is another lesson now."""
        before = self.at
        self.at = next((place for place in range(self.at) if self._gone(place, seen)), self.at)
        while (lesson := self.lesson) is not None and lesson.done(seen):
            self.at += 1
        return self.at != before

    def _gone(self, place: int, seen: Seen) -> bool:
        lesson = self.lessons[place]
        return lesson.lasting and not lesson.done(seen)

    def fits(self, seen: Seen) -> bool:
        """Whether the model has what the lessons before this one brought, so that one can go on with it."""
        return not any(self._gone(place, seen) for place in range(self.at))
