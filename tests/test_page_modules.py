"""Many modules in one answer: each form that joins modules, and what is refused."""

import re
from pathlib import Path

import pytest

from vm_webapp.api import page
from vm_webapp.api.modules import Modules, UnknownForm
from vm_webapp.api.page_files import Edition

FILES = {
    "app.js": 'import { one, two as second } from "./lib/a.js";\nimport "./lib/b.js";\nstart(one, second);\n',
    "lib/a.js": (
        '/** A comment. */\n\nimport whole from "./c.js";\nexport { three } from "./c.js";\nexport const one = 1;\n'
        "export async function two() {\n  // another\n  return whole;\n}\n"
    ),
    "lib/b.js": 'const later = () => import("../elements/d.js");\nconst own = import.meta.url;\n',
    "lib/c.js": "export default { a: 1 };\nconst three = 3;\nexport { three };\n",
    "elements/d.js": 'import { one } from "../lib/a.js";\nimport { far } from "../lib/far.js";\nexport class D {}\n',
    "lib/far.js": 'import { near } from "../vendor/x/near.js";\nexport const far = near;\n',
    "lib/words/en.js": "export default {};\n",
    "lib/words/pt.js": "export default {};\n",
    "elements/prose.js": "export const show = 1;\n",
    "vendor/x/near.js": "export const near = 1;\n",
}


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A page of few modules."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_module_stands_behind_all_that_it_imports(web: Path) -> None:
    """Each module is there once, as a block that takes what it imports and hands on what it exports."""
    text = Modules(web, "app.js").pack("app.js")
    blocks = re.findall(r"^// (\S+)$", text, re.MULTILINE)
    assert blocks == ["lib/c.js", "lib/a.js", "lib/b.js", "app.js"]
    assert "const { one, two: second } = $lib_a;" in text
    assert "const whole = $lib_c.default;" in text
    assert "$lib_a = { one: one, two: two, three: $from_three };" in text
    assert "const $default = { a: 1 };" in text
    assert "comment" not in text
    assert "export { $lib_c, $lib_a, $lib_b, $app };" in text


def test_what_comes_later_is_named_from_where_the_pack_stands(web: Path) -> None:
    """An import on demand and a module's own address mean the same as before it was packed."""
    text = Modules(web, "app.js").pack("app.js")
    assert 'import("./elements/d.js")' in text
    assert 'const own = new URL("./lib/b.js", import.meta.url);' in text


def test_a_module_on_demand_takes_what_is_packed_from_the_pack(web: Path) -> None:
    """There is one of everything: what is in the pack is not loaded beside it, also not by its own address."""
    modules = Modules(web, "app.js")
    assert modules.alone("elements/d.js").startswith(
        'import { $lib_a } from "../app.js"; const { one } = $lib_a;\nimport { far } from "../lib/far.js";'
    )
    assert "export const two = $lib_a.two;" in modules.alone("lib/a.js")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("export let changing = 1;\n", "lib/b.js, line 1: export let changing = 1;"),
        ("const a = 1;\nexport * from './c.js';\n", "lib/b.js, line 2: export * from './c.js';"),
        ('import "../app.js";\n', "imports go in a circle"),
    ],
)
def test_an_unknown_form_is_refused_with_its_place_and_the_page_comes_as_written(
    web: Path, text: str, said: str
) -> None:
    """Nothing is guessed at: then every module is sent as it lies there, and announced."""
    (web / "lib" / "b.js").write_text(text)
    with pytest.raises(UnknownForm, match=re.escape(said)):
        Modules(web, "app.js").pack("app.js")
    edition = Edition(web)
    assert edition.packed == frozenset()
    assert set(edition.announced("en")) == {"lib/a.js", "lib/b.js", "lib/c.js"}
    sent = edition.find("lib/b.js")
    assert sent is not None
    assert sent.plain.decode() == text


def test_every_module_of_the_page_can_be_packed() -> None:
    """The page's own modules use known forms only."""
    edition = Edition(page.WEB)
    assert {"app.js", "lib/reduce.js", "elements/reader.js", "lib/words/pt/run.js"} <= edition.packed


def test_a_worker_imports_nothing_that_is_packed() -> None:
    """A worker has no document: what it imports must not lead to the page's own pack."""
    modules = Modules(page.WEB, "app.js")
    workers = {
        file.parent.joinpath(name).resolve().relative_to(page.WEB.resolve()).as_posix()
        for file in page.WEB.rglob("*.js")
        for name in re.findall(r'new Worker\(new URL\("([^"]+)"', file.read_text(encoding="utf-8"))
    }
    assert workers == {"lib/diff_worker.js"}
    assert modules.packed.isdisjoint(modules.reached(*workers))
