"""Who can use the panel: screen readers, both themes, zoom, little motion; and nothing is asked."""

import pytest

TEXT = "Ms. Lee sat with me until I was calm, and she asked what I had seen.\n\nThe room was loud."


@pytest.fixture
def full(show, make_document, make_coding):
    """The panel with everything that it can show at once."""

    def full_(**options):
        turns = [{"start": 0, "end": 30, "speaker": "Mentee", "at": "00:01:02"}]
        memo = {"id": "m", "text": "Her words.", "kind": "analytic", "start": 0, "end": 7}
        codings = [
            make_coding("a", 8, 36, "support", memos=1),
            make_coding("b", 20, 50, "feedback"),
            make_coding("c", 26, 36, "growth"),
            make_coding("p", 70, 88, "noise", "proposed"),
            make_coding("o", 70, 78, "time", "other", coder="coder-2"),
        ]
        quoted = [{"start": 42, "end": 67, "by": "the book"}]
        first = make_document("d1", TEXT, turns=turns, memos=[memo], codings=codings, quoted=quoted)
        return show(first, **options)

    return full_


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 900, 420])
def test_axe_finds_nothing(full, axe_faults, scheme, width):
    shown = full(color_scheme=scheme, viewport={"width": width, "height": 900})
    assert axe_faults(shown) == []
    shown.click("I was calm")
    shown.press("i")
    assert axe_faults(shown) == []


def test_axe_would_find_a_button_without_a_name_and_words_too_pale(full, axe_faults):
    shown = full()
    shown.page.evaluate(
        """() => {
          document.querySelector('.ra-footer button').replaceChildren();
          document.querySelector('.ra-count').style.color = '#ccc';
        }"""
    )
    assert {fault[0] for fault in axe_faults(shown)} == {"button-name", "color-contrast"}


@pytest.mark.parametrize("key", ["h", "m", "n"])
def test_axe_finds_nothing_in_dialogs(full, axe_faults, key):
    shown = full()
    shown.click("I was calm")
    shown.press(key)
    shown.page.wait_for_selector("dialog[open]")
    assert axe_faults(shown) == []
    shown.press("Escape")
    assert shown.page.evaluate("() => document.activeElement.classList.contains('ra-body')")


def test_axe_finds_nothing_while_a_refusal_and_a_second_panel_are_told(full, axe_faults):
    shown = full()
    shown.sitting.refuse = "not now"
    shown.click("I was calm")
    shown.press("Delete")
    shown.settle()
    shown.page.evaluate(
        """() => deliver(JSON.stringify({ type: 'done', ok: true, elsewhere: true }))"""
    )
    assert shown.page.inner_text(".ra-banner")
    assert axe_faults(shown) == []


def lightness(shown, selector):
    """How light an element's ground is, 0 to 255."""
    colour = shown.page.evaluate(
        "s => getComputedStyle(document.querySelector(s)).backgroundColor", selector
    )
    return sum(float(part) for part in colour.strip("rgba()").split(",")[:3]) / 3


def test_jupyterlab_says_whether_it_is_dark(full):
    shown = full()
    assert lightness(shown, ".ra-middle") > 200
    shown.page.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
    shown.page.wait_for_selector(".ra-panel[data-theme=dark]")
    assert lightness(shown, ".ra-middle") < 60
    shown.page.evaluate("() => { document.body.dataset.jpThemeLight = 'true'; }")
    shown.page.wait_for_selector(".ra-panel[data-theme=light]")


def test_elsewhere_the_system_says_it(full):
    shown = full(color_scheme="dark")
    assert lightness(shown, ".ra-middle") < 60


# Text, search, codes, what is said of the caret, its buttons and "read": what one codes with.
AT_HAND = [".ra-body", ".ra-search", "[role=option]", ".ra-here", ".ra-actions", ".ra-footer"]


@pytest.mark.parametrize("size", [(640, 400), (640, 430), (960, 500)])
def test_at_two_hundred_per_cent_all_that_one_codes_with_is_in_view(full, axe_faults, size):
    width, height = size
    shown = full(viewport={"width": width, "height": height}, device_scale_factor=2)
    shown.click("I was calm")
    shown.settle()
    head, wide, low, room = shown.page.evaluate(
        """(names) => {
          const box = (name) => document.querySelector(name).getBoundingClientRect();
          const panel = document.querySelector('.ra-panel');
          return [box('.ra-header').height,
                  Math.max(panel.scrollWidth - panel.clientWidth,
                           document.documentElement.scrollWidth - innerWidth),
                  names.filter((name) => box(name).top < 0 || box(name).top + 20 > innerHeight),
                  box('.ra-scroll').height];
        }""",
        AT_HAND,
    )
    assert head < height / 5
    assert wide <= 0
    assert low == []
    assert room > height / 3
    assert axe_faults(shown) == []


def test_in_a_low_window_the_other_texts_are_one_button_away(full, axe_faults):
    shown = full(viewport={"width": 640, "height": 400})
    find = shown.page.get_by_role("searchbox", name="Find a text")
    assert not find.is_visible()
    shown.page.get_by_role("button", name="0 of 1 text read").click()
    assert find.is_visible()
    assert axe_faults(shown) == []


def test_the_hint_goes_with_the_first_coding(show, make_document):
    shown = show(make_document("d1", TEXT))
    assert shown.page.locator(".ra-hint").is_visible()
    shown.page.locator(".ra-body").focus()
    shown.press("s", "1")
    shown.settle()
    assert not shown.page.locator(".ra-hint").is_visible()


def test_at_320_pixels_nothing_is_cut_off(full):
    shown = full(viewport={"width": 320, "height": 640})
    wide = shown.page.evaluate(
        """() => {
          const panel = document.querySelector('.ra-panel');
          return panel.scrollWidth - panel.clientWidth;
        }"""
    )
    assert wide <= 0


def test_nothing_moves_where_motion_is_unwanted(full):
    shown = full(reduced_motion="reduce")
    moving = shown.page.evaluate(
        """() => [...document.querySelectorAll('.ra-panel, .ra-panel *')].filter((each) => {
             const style = getComputedStyle(each);
             return style.transitionDuration !== '0s' || style.animationName !== 'none';
           }).length"""
    )
    assert moving == 0


def test_codes_differ_without_colour(full):
    shown = full()
    drawn = shown.page.evaluate(
        """() => {
          const all = [...document.querySelectorAll('.ra-code .ra-chip')];
          const plain = (image) => image.replace(/var\\(--ra-hue-\\d\\)/g, 'C');
          return all.map((chip) => plain(chip.style.backgroundImage));
        }"""
    )
    assert len(set(drawn)) == len(drawn)


LOOKS = """(words) => {
  const run = [...document.querySelectorAll('.ra-run')].find((each) => each.textContent === words);
  const style = getComputedStyle(run);
  const edges = style.backgroundSize.split(', ').filter((each) => each.startsWith('2.5px')).length;
  return { edges, tinted: style.backgroundImage.includes(' / 0.13)'),
           room: parseFloat(style.paddingTop), printed: style.printColorAdjust };
}"""


@pytest.mark.parametrize(
    "look",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"forced_colors": "active"},
        {"media": "print"},
    ],
)
def test_a_proposal_closes_around_its_words_and_a_persons_line_does_not(
    show, make_document, make_coding, look
):
    codings = [make_coding("p", 70, 88, "noise", "proposed"), make_coding("a", 8, 36, "support")]
    shown = show(make_document("d1", TEXT, codings=codings))
    shown.page.emulate_media(**look)
    proposed = shown.page.evaluate(LOOKS, TEXT[70:88])
    own = shown.page.evaluate(LOOKS, TEXT[8:36])
    assert proposed["edges"] == 2
    assert proposed["tinted"]
    assert proposed["room"] < 2  # of a line's 31 pixels: no nearer to the row above
    assert own["edges"] == 0
    assert not own["tinted"]
    if "media" in look:
        assert proposed["printed"] == own["printed"] == "exact"


def test_all_of_a_long_text_is_drawn_for_paper(show, make_document, make_coding):
    text = "\n\n".join(f"Paragraph {k} of many, with some words in it." for k in range(400))
    start = text.index("Paragraph 390")
    far = make_coding("z", start, start + 13, "support")
    shown = show(make_document("d1", text, codings=[far]))
    assert shown.marked() == []
    shown.page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert shown.marked() == [["Paragraph 390", 1]]
    shown.page.emulate_media(media="print")
    low = "() => document.querySelector('.ra-scroll').getBoundingClientRect().height"
    assert shown.page.evaluate(low) > 10_000


def test_where_the_caret_stands_is_said_to_a_screen_reader(full):
    shown = full()
    shown.page.locator(".ra-body").focus()
    shown.press("j")
    assert "Emotional support" in shown.page.inner_text(".ra-notice")
    assert shown.page.locator(".ra-notice").get_attribute("aria-live") == "polite"


def test_the_panel_works_in_a_shadow_root(show, make_document):
    shown = show(make_document("d1", TEXT))
    shown.page.evaluate(
        """() => {
          unmount();
          const host = document.getElementById('host');
          const root = host.attachShadow({ mode: 'open' });
          const style = document.createElement('link');
          Object.assign(style, { rel: 'stylesheet', href: '/static/panel.css' });
          const inner = document.createElement('div');
          inner.id = 'inner';
          root.append(style, inner);
          host.id = ''; inner.id = 'host';
          const find = document.getElementById.bind(document);
          document.getElementById = (id) => id === 'host' ? inner : find(id);
          mount();
        }"""
    )
    body = shown.page.locator(".ra-body")
    body.get_by_text("The room was loud.").wait_for()
    body.focus()
    shown.press("s", "1")
    shown.page.wait_for_function(
        "() => document.querySelector('main').shadowRoot.querySelector('.ra-run')"
    )
    [coded] = [each for each in shown.sitting.heard if each["op"] == "code"]
    # "Ms." ends no sentence of its own in every browser's rules; the first words are in it.
    assert coded["start"] == 0
