"""Small workspaces for tests of everything but the language."""

from __future__ import annotations

CENTER = """
name: Test
timezone: America/New_York
languages: [en-US]
voices: {en-US: Polly.Joanna-Neural}
numbers: {"+12025550100": main}
sender: "+12025550100"
fallback: main/operator
"""

MAIN = """
flow: main
start: welcome
steps:
  welcome:
    say: Hello there.
    next: ask
  ask:
    menu: Press 1 for our address by text message, 2 for the weather, 3 to leave.
    options:
      1: {next: address}
      2: {next: weather}
      3: {phrases: [leave], next: leave}
    no_input: I heard nothing.
    no_match: That is no choice.
    retries: 2
    failed: operator
  address:
    sms: We are at Main Street 1.
    next: sent
    failed: not_sent
  sent:
    say: It is on its way.
    next: ask
  not_sent:
    say: It could not be sent.
    next: ask
  weather:
    http: WEATHER_URL
    save: {sky: sky}
    ok: sky
    failed: no_weather
    timeout: slow_weather
  sky:
    say: The sky is {{ vars.sky }}.
    next: ask
  no_weather:
    say: Nobody knows.
    next: ask
  slow_weather:
    say: It takes too long to find out.
    next: ask
  operator:
    say: Please ring us tomorrow.
    next: leave
  leave:
    hangup: Goodbye.
"""


def small_workspace(*, weather_url: str = "http://127.0.0.1:1/") -> dict[str, str]:
    """A menu with a message, a question to another system, and the way out; ``fallback`` says "ring us tomorrow"."""
    return {"center.yaml": CENTER, "flows/main.yaml": MAIN.replace("WEATHER_URL", weather_url)}
