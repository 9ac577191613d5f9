"""Somebody else's voice application, as small as they come: a menu, a voicemail, a goodbye."""

import sys

from aiohttp import web

MENU = (
    '<Gather numDigits="1" action="/chosen"><Say>Press 1 to leave a message.</Say></Gather><Say>Nobody is here.</Say>'
)
CHOSEN = {
    "1": '<Say>Speak after the tone.</Say><Record maxLength="5" action="/bye"/>',
    "": "<Redirect>/voice</Redirect>",
}
routes = web.RouteTableDef()


def twiml(verbs: str) -> web.Response:
    return web.Response(text=f"<Response>{verbs}</Response>", content_type="text/xml")


@routes.post("/{page}")
async def answer(request: web.Request) -> web.Response:
    digits = str((await request.post()).get("Digits", ""))
    return twiml({"voice": MENU, "chosen": CHOSEN.get(digits, CHOSEN[""])}.get(request.match_info["page"], "<Hangup/>"))


if __name__ == "__main__":
    app = web.Application()
    app.add_routes(routes)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
