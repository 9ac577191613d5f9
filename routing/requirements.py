"""What a contact requires of whoever answers it, and which agents meet that.

A requirement is a channel, the strategy by which its queue chooses among ready agents, and skills with least levels.
Its text is canonical (``voice|longest_idle|billing:3,spanish:1``), so that equal ones share a line. Requirements are
known when a program is published and get small numbers then (``register``): an agent's are one bitmap, matched here
when the person signs in, so that no arrival ever looks through all agents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEAST_LEVEL, HIGHEST_LEVEL = 1, 10
STRATEGIES = ("longest_idle", "most_skilled", "least_skilled_first", "round_robin", "fewest_contacts", "ring_all")
VOICE = "voice"
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_REQUIREMENTS = 2_000
"""Of one group: an agent who serves all of them costs 250 bytes and as many entries while idle."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """``skills`` maps names to least levels; empty means that every agent of the channel will do.

    Raises ValueError for what could not be registered.
    """

    skills: Mapping[str, int] = field(default_factory=dict)
    strategy: str = "longest_idle"
    channel: str = VOICE

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise ValueError(f'"{self.strategy[:60]}" is not a strategy; one of {", ".join(STRATEGIES)}')
        if not NAME.fullmatch(self.channel):
            raise ValueError(f'"{self.channel[:60]}" is not the name of a channel')
        for name, level in self.skills.items():
            if not NAME.fullmatch(name) or not LEAST_LEVEL <= level <= HIGHEST_LEVEL:
                raise ValueError(f'"{name[:60]}:{level}" is not a skill with a level from 1 to 10, such as billing:5')

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def text(self) -> str:
        """As it is registered."""
        return f"{self.channel}|{self.strategy}|{skills_text(self.skills)}"

    def is_met_by(self, skills: Mapping[str, int]) -> bool:
        """Whether somebody with these skills may answer."""
        return all(skills.get(name, 0) >= level for name, level in self.skills.items())

    def relaxes(self, earlier: Requirement) -> bool:
        """Whether everybody who meets ``earlier`` meets this one too."""
        return self.channel == earlier.channel and all(
            earlier.skills.get(name, 0) >= level for name, level in self.skills.items()
        )


def skills_text(skills: Mapping[str, int]) -> str:
    """Skills by name: ``billing:3,spanish:1``."""
    return ",".join(f"{name}:{level}" for name, level in sorted(skills.items()))


def parse_skills(text: str) -> dict[str, int]:
    """The skills that ``skills_text`` wrote, or a person did; raises ValueError naming the part that is wrong."""
    skills: dict[str, int] = {}
    for part in filter(None, text.replace(" ", "").split(",")):
        name, _, level = part.partition(":")
        if not NAME.fullmatch(name) or not level.isdecimal() or not LEAST_LEVEL <= int(level) <= HIGHEST_LEVEL:
            raise ValueError(f'"{part[:60]}" is not a skill with a level from 1 to 10, such as billing:5')
        skills[name] = int(level)
    return skills


def parse(text: str) -> Requirement:
    """The requirement that ``text`` names; raises ValueError for any other text."""
    channel, strategy, skills = text.split("|")
    return Requirement(parse_skills(skills), strategy, channel)


def bitmap(numbers: Iterable[int]) -> bytes:
    """A byte string in which bit ``r % 8`` of byte ``r // 8`` stands for requirement ``r``."""
    bits = bytearray()
    for number in numbers:
        bits.extend(bytes(max(0, number // 8 + 1 - len(bits))))
        bits[number // 8] |= 1 << number % 8
    return bytes(bits)


def rank(requirement: Requirement, skills: Mapping[str, int]) -> str:
    """Where somebody with these skills stands among the ready ones, lowest first; empty where idle time alone decides.

    ``turn`` and ``fewest`` are counted by the scripts themselves.
    """
    match requirement.strategy:
        case "round_robin":
            return "turn"
        case "fewest_contacts":
            return "fewest"
        case "most_skilled":
            return str(HIGHEST_LEVEL * len(requirement.skills) - sum(skills[name] for name in requirement.skills))
        case "least_skilled_first":
            return str(sum(skills.values()))
    return ""
