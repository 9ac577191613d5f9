"""Subflows and the checks: whose variables a step sees, and what is a mistake only outside of one."""

from __future__ import annotations

import pytest

from flows.program import compile_program
from tests.flows.playing import AUDIO, CENTER, steps


def problems(**flows: str) -> list[str]:
    """The problems of some flows by name, given as steps, but for a flow that nothing leads to."""
    files = {f"flows/{name}.yaml": steps(text).replace("main", name, 1).encode() for name, text in flows.items()}
    found = compile_program({"center.yaml": CENTER, **files}, AUDIO).problems
    return [str(one) for one in found if one.code != "unused-flow"]


def test_a_subflow_sees_what_it_is_given_and_what_it_sets_itself() -> None:
    """A variable of the flow that goes into it is unknown there, and the other way round."""
    found = problems(
        main="""\
start: {set: {mine: '"1"'}, next: go}
go: {subflow: inner, with: {given: vars.mine}, save: {got: vars.own, missed: vars.mine}, next: end}
end: {hangup: "{{ vars.got }} {{ vars.own }} {{ vars.given }}"}""",
        inner="""\
start: {set: {own: vars.given}, next: end}
end: {say: "{{ vars.mine }} {{ vars.got }}"}""",
    )

    assert found == [
        'flows/inner.yaml:5:23: no step sets "mine" [unknown-name]',
        'flows/inner.yaml:5:39: no step sets "got" [unknown-name]',
        'flows/main.yaml:5:85: no step sets "mine" [unknown-name]',
        'flows/main.yaml:6:41: no step sets "own" [unknown-name]',
        'flows/main.yaml:6:56: no step sets "given" [unknown-name]',
    ]


def test_flows_that_ways_out_connect_share_their_variables() -> None:
    """Inside a subflow as outside."""
    assert (
        problems(
            main="start: {subflow: inner, with: {n: caller}, next: end}\nend: {hangup: Goodbye.}",
            inner="start: {set: {x: vars.n}, next: other/start}",
            other='start: {say: "{{ vars.x }} {{ vars.n }}"}',
        )
        == []
    )


def test_a_name_that_a_list_saves_is_looked_for_in_the_subflow() -> None:
    """A slip is pointed at where it is written."""
    found = problems(
        main="start: {subflow: inner, save: [acount], next: end}\nend: {hangup: Goodbye.}",
        inner="start: {set: {account: caller}}",
    )

    assert found == ['flows/main.yaml:4:34: no step sets "acount"; did you mean "account"? [unknown-name]']


def test_the_fallback_may_use_any_variable() -> None:
    """A call comes there from wherever a fault of ours has happened."""
    files = {
        "center.yaml": CENTER.replace(b"fallback: main/start", b"fallback: sorry/start"),
        "flows/main.yaml": steps("start: {set: {order: caller}, next: end}\nend: {hangup: Goodbye.}").encode(),
        "flows/sorry.yaml": b'flow: sorry\nstart: start\nsteps: {start: {hangup: "Sorry, {{ vars.order }}."}}',
    }

    assert [str(one) for one in compile_program(files, AUDIO).problems] == []


HUNG_UP_ON = '"failed:" is missing; a caller who says nothing would be hung up on [no-failed-exit]'
ASKS = "start: {menu: Press 1., options: {1: done}}\ndone: {say: Done.}"


@pytest.mark.parametrize(
    ("main", "expected"),
    [
        ("start: {subflow: inner, next: end}\nend: {hangup: Goodbye.}", []),
        (
            "start: {subflow: inner, next: inner/start}",
            [f"flows/inner.yaml:4:10: {HUNG_UP_ON}"],
        ),
    ],
)
def test_a_question_without_failed_is_a_way_back_inside_a_subflow_only(main: str, expected: list[str]) -> None:
    """Where a call comes to the same step outside, it would be hung up on."""
    assert problems(main=main, inner=ASKS) == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("start: {hangup: Goodbye.}", 0),
        ("start: {say: Hello., next: other/start}", 0),
        ("start: {say: Hello.}", 1),
    ],
)
def test_a_round_may_be_left_by_a_subflow_that_hangs_up(inner: str, expected: int) -> None:
    """Also by way of another flow."""
    found = problems(
        main="start: {menu: Press 1., options: {1: go}, failed: go}\ngo: {subflow: inner, next: start}",
        inner=inner,
        other="start: {subflow: last, next: again}\nagain: {say: Hello.}",
        last="start: {hangup: Goodbye.}",
    )

    assert len(found) == expected
    assert all("[no-way-out]" in one for one in found)


def test_two_flows_that_go_into_each_other_are_found() -> None:
    """Each step of the round is pointed at; one beside it is not."""
    found = problems(
        main="start: {subflow: one, next: end}\nend: {hangup: Goodbye.}",
        one="start: {subflow: two, next: end}\nend: {say: Done.}",
        two="start: {say: Hello., next: go}\ngo: {subflow: one, next: end}\nend: {subflow: three}",
        three="start: {say: Done.}",
    )

    assert [one.split(": ", 1)[0] for one in found] == ["flows/one.yaml:4:20", "flows/two.yaml:5:17"]
    assert all("comes round to itself whatever happens [recursive-subflow]" in one for one in found)


def test_going_in_twice_one_after_the_other_is_no_round() -> None:
    """A subflow may be used from many places."""
    assert (
        problems(
            main="start: {subflow: one, next: again}\nagain: {subflow: one, next: end}\nend: {hangup: Goodbye.}",
            one="start: {subflow: two}",
            two="start: {say: Hello.}",
        )
        == []
    )
