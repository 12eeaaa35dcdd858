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


def test_at_two_hundred_per_cent_it_is_one_column_without_sideways_scrolling(full):
    shown = full(viewport={"width": 640, "height": 430}, device_scale_factor=2)
    wide, codes_below = shown.page.evaluate(
        """() => {
          const text = document.querySelector('.ra-middle').getBoundingClientRect();
          const codes = document.querySelector('.ra-codebook').getBoundingClientRect();
          const panel = document.querySelector('.ra-panel');
          return [Math.max(panel.scrollWidth - panel.clientWidth,
                           document.documentElement.scrollWidth - innerWidth),
                  codes.top >= text.bottom];
        }"""
    )
    assert wide <= 0
    assert codes_below


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
