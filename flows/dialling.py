"""Which numbers a call may lead to at the centre's cost.

Who keys in a number, or fills in a form that another system sends us, may earn by every minute and message that goes
there. So a number that its flow's author did not write must be at home or among the beginnings that ``center.yaml``
allows (``transfer_to``). A number of a premium service, and one of the countries that share +1 with North America and
bill like the rest of the world, is at home nowhere: it takes a beginning that is as long as its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flows.center import Center

NORTH_AMERICA = "+1"
# National numbering plans of the countries whose languages we speak (ITU-T E.129).
PREMIUM = (
    *("+1900", "+449", "+4470", "+44871", "+44872", "+44873", "+49137", "+49900", "+43900", "+43930", "+41900"),
    *("+41901", "+41906", "+3381", "+3382", "+3389", "+34803", "+34806", "+34807", "+34905", "+52900", "+55900"),
    *("+351760", "+351761"),
)
# North American Numbering Plan Administration: area codes outside the United States and Canada.
ISLANDS = tuple(
    f"+1{area}"
    for area in (
        *(242, 246, 264, 268, 284, 345, 441, 473, 649, 658, 664, 721, 758, 767, 784, 809, 829, 849, 868, 869, 876),
    )
)


def home_of(center: Center, called: str) -> str:
    """How numbers at home begin: ``dialling_code``, or +1 for a number dialled that does; empty for unknown."""
    return center.dialling_code or (NORTH_AMERICA if called.startswith(NORTH_AMERICA) else "")


def is_premium(number: str) -> bool:
    """Is it a number whose owner earns by the call."""
    return number.startswith(PREMIUM)


def may_reach(number: str, allowed: Iterable[str], called: str = "") -> bool:
    """Does a number (E.164) begin as ``allowed``; ``called``, the centre's own, tells which island is home."""
    costly = next((one for one in (*PREMIUM, *ISLANDS) if number.startswith(one)), "")
    least = 0 if costly in ISLANDS and called.startswith(costly) else len(costly)
    return any(number.startswith(one) and len(one) >= least for one in allowed if one)


def may_reach_at_home(number: str, center: Center, called: str) -> bool:
    """Is it a number at home, or one that ``center.yaml`` allows."""
    return may_reach(number, (home_of(center, called), *center.transfer_to), called)
