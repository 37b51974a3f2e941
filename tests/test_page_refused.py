"""What the server refuses is said in the reader's language, by the stable words of its answer."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import browser, open_from_palette, page, server, watched_page
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
__all__ = ["browser", "page", "server"]

ROOT = Path(__file__).parents[1]
ALIKE = """async () => {
    const { default: tables } = await import("/web/lib/words/refusals.js");
    const shape = (one) => one && typeof one === "object"
        ? Object.fromEntries(Object.keys(one).toSorted().map((name) => [name, shape(one[name])])) : typeof one;
    return [JSON.stringify(shape(tables.en)), JSON.stringify(shape(tables.pt))];
}"""


@pytest.fixture
def refused(browser: Browser) -> Iterator[Page]:
    """A page in Portuguese on which the server may say no."""
    with watched_page(browser, refusals=True, locale="pt-BR") as opened:
        yield opened


def test_what_is_wrong_in_a_brand_is_told_at_its_field(server: PageServer, refused: Page) -> None:
    """By the line that is meant, in Portuguese; the server's own sentence stands with the details alone."""
    place = server.make_place()
    refused.add_init_script("localStorage.setItem('vm-details', 'on')")
    refused.goto(f"{server.url}/#/threads/{place['thread_id']}")
    open_from_palette(refused, "Editar a marca")
    form = refused.get_by_role("dialog")
    form.get_by_label("O que fazer").fill("Dizer o preço\n" + "x" * 201)
    form.get_by_role("button", name="Salvar").click()
    expect(form.locator("#form-do-note")).to_have_text("Item 2: É longo demais: no máximo 200 caracteres.")
    expect(form.get_by_role("alert")).to_contain_text("Algo aqui não pode ser aceito como está.")
    expect(form.locator(".problem [data-detail]")).to_contain_text("at most 200 characters")
    form.get_by_label("O que fazer").fill("")
    form.get_by_label("Orçamento (US$)").fill("25 reais")
    form.get_by_role("button", name="Salvar").click()
    expect(form.locator("#form-budget_usd-note")).to_have_text("Isto não é um valor; escreva como 25 ou 25,50.")
    refused.evaluate("document.body.dataset.details = 'off'")
    expect(form.locator(".problem [data-detail]")).to_be_hidden()


def test_words_of_a_rule_that_nothing_can_be_found_by_are_told(server: PageServer, refused: Page) -> None:
    """With the name of the field, for it stands above them."""
    place = server.make_place()
    refused.goto(f"{server.url}/#/threads/{place['thread_id']}")
    open_from_palette(refused, "Regras da marca")
    dialog = refused.get_by_role("dialog")
    dialog.get_by_text("Criar uma regra", exact=True).first.click()
    dialog.get_by_label("A regra, em uma frase").fill("Sem travessões")
    dialog.get_by_label("Como é conferida").select_option("forbidden_words")
    dialog.get_by_label("Palavras ou expressões").fill("barato\n---")
    dialog.locator("form button[type=submit]").click()
    told = dialog.locator(".problem")
    expect(told.locator("li")).to_have_text("Palavras, item 2: Não há aqui nenhuma letra ou número para procurar.")
    dialog.get_by_label("Palavras ou expressões").fill("")
    dialog.locator("form button[type=submit]").click()
    expect(told.locator("li")).to_have_text("Palavras: Isto não pode ficar vazio.")
    expect(told).not_to_contain_text("list of")


def test_a_request_that_is_too_long_is_told_with_the_limit(server: PageServer, refused: Page) -> None:
    """The number as the reader's locale writes it, and no English besides."""
    place = server.make_place()
    refused.goto(f"{server.url}/#/threads/{place['thread_id']}")
    expect(refused.locator("#thread-title")).to_be_visible()
    refused.locator("#workflow-request-input").evaluate("field => field.removeAttribute('maxlength')")
    refused.locator("#workflow-request-input").fill("x" * 20_001)
    refused.get_by_role("button", name="Pedir versão").click()
    told = refused.locator("vm-request .problem")
    expect(told.locator("li")).to_have_text("Pedido: É longo demais: no máximo 20.000 caracteres.")
    assert told.inner_text().splitlines()[0] == "Algo aqui não pode ser aceito como está."
    refused.get_by_label("Adicionar uma tarefa").evaluate("field => { field.value = 'Ver\\u0007isto'; }")
    refused.locator("vm-tasks button[type=submit]").click()
    expect(refused.locator("vm-tasks .problem li")).to_have_text(
        "Título: Há aqui um caractere que não é texto. Digite de novo."
    )


def test_what_somebody_else_did_meanwhile_is_told(server: PageServer, refused: Page) -> None:
    """A revision of a thread that was closed, and a second try of what has not failed."""
    place = server.make_place()
    run = server.make_run(place["thread_id"], "Plan the spring launch")
    refused.goto(f"{server.url}/#/runs/{run['run_id']}")
    refused.locator("[data-action=ask-revision]").click()
    refused.get_by_label("O que deve mudar?").fill("Mais curto")
    server.post(f"/api/v2/threads/{place['thread_id']}/closing", {})
    refused.get_by_role("button", name="Pedir a revisão").click()
    told = refused.get_by_role("dialog").locator(".problem")
    expect(told).to_contain_text("Este trabalho está fechado.")
    expect(told).to_contain_text("Reabra-o primeiro.")
    said = refused.evaluate(
        """async (path) => {
            const { Api } = await import("/web/lib/api.js");
            const { text, hint, detail } = await new Api().write("POST", path, {}).catch((problem) => problem);
            return [text, hint, detail.includes("only a failed or canceled run")];
        }""",
        f"/api/v2/workflow-runs/{run['run_id']}/retry",
    )
    assert said == ["Esta versão não falhou.", "Veja como ela está agora.", True]


def test_the_page_has_words_for_every_reason_in_both_languages(server: PageServer, page: Page) -> None:
    """Each reason that the documentation names is told, and the two tables are alike."""
    page.goto(server.url)
    english, portuguese = page.evaluate(ALIKE)
    assert english == portuguese
    docs = (ROOT / "docs" / "http.md").read_text()
    (listed,) = re.findall(r"^\*\*Reasons\*\*.*$", docs, re.MULTILINE)
    told = page.evaluate(
        """async () => {
            const { en } = (await import("/web/lib/words/refusals.js")).default;
            return [...Object.keys(en.values), ...Object.keys(en.reasons)];
        }"""
    )
    assert set(re.findall(r"`([a-z_]+)`", listed)) == set(told)
