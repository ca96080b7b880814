"""Questions on the screen that end in a whole model: what goes in, what comes out, on which clock."""

from __future__ import annotations

from pathlib import Path

from textual.screen import Screen

from leporello.graphs.problems import SpecError, visible
from leporello.tui.screens.home import Home
from leporello.tui.screens.question import Question
from leporello.tui.session.begun import model_of
from leporello.tui.session.questions import Answers, accept, next_question
from leporello.tui.session.questions import Question as Asked
from leporello.tui.widgets.prompt import Prompt


class Asking(Screen[None]):
    """Asks one question after the other; esc goes back to the one before."""

    app: Home

    def ask_next(self, answers: Answers, before: str | None = None) -> None:
        """Ask what is not known yet, once more where `before` was no answer; open the model when all is."""
        asked = next_question(answers)
        if asked is None:
            self.app.open_text(model_of(answers), made=True)
        elif asked.choices is not None:
            words = {said: key for key, said in asked.choices.items()}
            question = Question(asked.text, tuple(words))
            self.app.push_screen(question, lambda said: self.chosen_word(asked, words.get(said or "", ""), answers))
        else:
            self.query_one(Prompt).ask(
                asked.text, before or asked.default, lambda said: self.take(asked, said, answers), hint=asked.hint
            )

    def chosen_word(self, asked: Asked, word: str, answers: Answers) -> None:
        """Go on with a choice; without one back to the question before."""
        if word:
            self.take(asked, word, answers)
        elif answers:
            self.ask_next(dict(list(answers.items())[:-1]))

    def take(self, asked: Asked, said: str, answers: Answers) -> None:
        """Go on with an answer; one that is none is told, and asked again."""
        try:
            self.ask_next({**answers, asked.key: accept(asked, said, Path())})
        except SpecError as error:
            problem = error.problems[0]
            self.notify(visible(f"{problem.what}\n{problem.hint}"), severity="error", markup=False)
            self.ask_next(answers, said)
