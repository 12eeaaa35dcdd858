"""What a coder does in the panel, in a real browser, with the real mouse and keys."""

# ── coding ──


def test_words_selected_with_the_mouse_are_coded_by_a_digit(one):
    shown = one()
    shown.drag("until I was calm")
    assert shown.selected() == "until I was calm"
    shown.press("1")
    assert shown.marked() == [["until I was calm", 1]]
    shown.settle()
    [done] = shown.did("code")
    assert done["codes"] == ["support"]
    assert shown.words_of(done) == "until I was calm"
    assert shown.listed() == ["Emotional support"]
    assert shown.selected() == ""


def test_white_space_at_the_edges_is_not_coded(one):
    shown = one()
    shown.drag(" asked what ")
    shown.press("2")
    shown.settle()
    [done] = shown.did("code")
    assert shown.words_of(done) == "asked what"


def test_a_selection_over_paragraphs_is_one_coding(one):
    shown = one()
    begin, end = shown.words("what I had seen."), shown.words("The room was loud")
    mouse = shown.page.mouse
    mouse.move(begin["x0"] + 0.5, begin["y0"])
    mouse.down()
    mouse.move(end["x1"] - 0.5, end["y1"], steps=6)
    mouse.up()
    shown.press("3")
    shown.settle()
    [done] = shown.did("code")
    words = shown.words_of(done)
    assert words == "what I had seen.\n\nThe room was loud"
    assert [run for run, _ in shown.marked()] == ["what I had seen.", "The room was loud"]


def test_codes_eleven_and_on_are_given_with_shift(one):
    shown = one()
    shown.drag("I felt small")
    shown.press("Shift+Digit1")
    shown.settle()
    assert shown.did("code")[0]["codes"] == ["doubt"]


def test_a_further_digit_gives_the_same_words_a_second_code(one):
    shown = one()
    shown.drag("The room was loud")
    shown.press("4", "3")
    shown.settle()
    first, second = shown.did("code")
    assert (first["start"], first["end"]) == (second["start"], second["end"])
    assert shown.marked() == [["The room was loud", 2]]


def test_a_digit_without_selected_words_says_what_to_do(one):
    shown = one()
    shown.page.locator(".ra-body").focus()
    shown.press("1")
    assert "Select some words first" in shown.page.inner_text(".ra-alarm")
    assert shown.did("code") == []


def test_a_code_is_given_by_a_click_and_the_words_stay_selected_until_then(one):
    shown = one()
    shown.drag("I felt small")
    shown.page.get_by_role("option", name="Growth").click()
    shown.settle()
    assert shown.did("code")[0]["codes"] == ["growth"]


def test_a_code_is_found_by_a_part_of_its_name(one):
    shown = one()
    shown.drag("I felt small")
    shown.press("/")
    shown.page.keyboard.type("doub")
    shown.press("Enter")
    shown.settle()
    assert shown.did("code")[0]["codes"] == ["doubt"]
    assert shown.page.evaluate("() => document.activeElement.className") == "ra-body"


def test_several_codes_are_given_at_once_from_the_search(one):
    shown = one()
    shown.drag("I felt small")
    shown.press("/")
    shown.page.keyboard.type("doubt")
    shown.press("Control+Enter")
    shown.page.keyboard.type("noise")
    shown.press("Enter")
    shown.settle()
    assert [each["codes"] for each in shown.did("code")] == [["doubt"], ["noise"]]
    assert shown.marked() == [["I felt small", 2]]


def test_offsets_count_an_emoji_once_and_never_cut_an_accent(one):
    text = "She said 🙂👩‍🏫 well done. Cafe\u0301 was open. Then I left."
    shown = one(text=text)
    shown.drag("well done")
    shown.press("1")
    shown.settle()
    shown.drag("Then I left")
    shown.press("2")
    shown.settle()
    asked = [(each["start"], each["end"]) for each in shown.did("code")]
    assert [text[start:end] for start, end in asked] == ["well done", "Then I left"]
    page = shown.page
    cut = page.evaluate(
        """async () => {
          const { tidySpan } = await import('/static/offsets.js');
          const text = 'a 👩‍🏫 b Cafe\\u0301 c';
          return [tidySpan(text, 0, 4), tidySpan(text, 10, 14)];
        }"""
    )
    assert cut == [[0, 7], [10, 15]]


def test_keyboard_alone_from_the_first_word_to_the_next_text(one):
    shown = one()
    assert shown.page.evaluate("() => document.activeElement.tagName") == "BODY"
    shown.page.keyboard.press("Tab")  # into the panel, from the page around it
    shown.page.evaluate("() => leaked.splice(0)")
    for _ in range(20):
        shown.press("Tab")
        if "ra-body" in shown.page.evaluate("() => document.activeElement.className"):
            break
    shown.press(*["Shift+ArrowRight"] * 7)
    assert shown.selected() == "Ms. Lee"
    shown.press("1", "Enter")
    shown.page.wait_for_function("() => document.querySelector('h2').textContent === 'd2'")
    shown.press("s", "2")
    shown.settle()
    first, second = shown.did("code")
    assert (first["document"], second["document"]) == ("d1", "d2")
    assert (second["start"], second["end"]) == (0, len("A second text."))
    assert shown.did("read")[0]["on"] is True


def test_at_the_end_of_a_line_s_takes_the_last_sentence_of_that_line(one):
    shown = one(text="One here. Two here.\n\nThree there. Four there.")
    shown.page.locator(".ra-body").focus()
    shown.press("Control+Home", "End", "s", "1")
    shown.settle()
    assert shown.words_of(shown.did("code")[0]) == "Two here."


def test_reading_begins_after_a_title_that_stands_above_as_well(one):
    shown = one(text="Bottom left\n\nA spot of my own. It is mine.", title="Bottom left")
    shown.page.get_by_role("button", name="Help").focus()
    shown.press("Escape", "s", "1")  # into the text, as the page of its own goes at once
    shown.settle()
    assert shown.words_of(shown.did("code")[0]) == "A spot of my own."


# ── what is drawn ──


def test_three_codings_over_one_another_have_three_lanes(one, put):
    shown = one(
        put("a", "sat with me until I was calm", "support"),
        put("b", "until I was calm, and she asked", "feedback"),
        put("c", "I was calm", "growth"),
    )
    deepest = max(lines for _, lines in shown.marked())
    assert deepest == 3
    places = shown.page.evaluate(
        """() => {
          const run = [...document.querySelectorAll('.ra-run')].find(r => r.raCodings.length === 3);
          return [...new Set(run.style.backgroundPosition.split(',').map((p) => p.trim()))].length;
        }"""
    )
    assert places == 3


def test_the_text_stays_whole_whatever_is_drawn(one, put, text):
    shown = one(put("a", "Lee sat with", "support"), put("p", "me until", "growth", "proposed"))
    lines = shown.page.evaluate(
        "() => [...document.querySelectorAll('.ra-block')].map((each) => each.textContent)"
    )
    assert lines == [line for line in text.split("\n") if line]


def test_speakers_stand_beside_the_words_and_not_among_them(show, make_document):
    turns = [{"start": 0, "end": 10, "speaker": "Mentor", "at": "00:00:04"}]
    shown = show(make_document("t", "How was it", kind="transcript", turns=turns))
    beside = shown.page.evaluate(
        "() => getComputedStyle(document.querySelector('.ra-turn'), '::before').content"
    )
    assert "Mentor" in beside
    assert shown.page.inner_text(".ra-body") == "How was it"


def test_a_line_that_names_the_speaker_stands_in_the_margin_once(show, make_document):
    text = "P12:\n\nNodding out loud.\n\nP11:\n\nYes."
    turns = [
        {
            "start": text.index(words),
            "end": text.index(words) + len(words),
            "speaker": who,
            "at": "",
        }
        for who, words in (("P12", "Nodding out loud."), ("P11", "Yes."))
    ]
    shown = show(make_document("t", text, kind="transcript", turns=turns))
    places = shown.page.evaluate(
        """() => ['.ra-label', '.ra-turn'].map((name) => {
             const { left, right, top } = document.querySelector(name).getBoundingClientRect();
             return { left, right, top };
           })"""
    )
    assert places[0]["right"] - places[0]["left"] < 140
    assert abs(places[0]["top"] - places[1]["top"]) < 12
    content = "() => getComputedStyle(document.querySelector('.ra-turn'), '::before').content"
    assert "P12" not in shown.page.evaluate(content)


def test_a_study_without_texts_says_so(show):
    shown = show(opening={"wait": "h2"})
    shown.page.get_by_role("heading", name="There is no text for you to code yet").wait_for()


def test_quoted_words_are_marked(one, span):
    shown = one(quoted=[{**span("The room was loud"), "by": "the book"}])
    assert shown.page.inner_text(".ra-quoted") == "The room was loud"


# ── changing codings ──


def test_edges_move_by_words_with_keys(one, put):
    shown = one(put("a", "until I was calm", "support"))
    shown.click("was calm")
    shown.press("[", "]", "]", "}")
    shown.settle()
    last = shown.did("move")[-1]
    assert shown.words_of(last) == "me until I was calm, and"
    shown.press("{")
    shown.settle()
    last = shown.did("move")[-1]
    assert shown.words_of(last) == "until I was calm, and"


def test_an_edge_is_drawn_with_the_mouse(one, put):
    shown = one(put("a", "until I was calm", "support"))
    shown.click("was calm")
    shown.page.wait_for_selector(".ra-handle-end")
    handle = shown.page.locator(".ra-handle-end").bounding_box()
    target = shown.words("she asked")
    mouse = shown.page.mouse
    mouse.move(handle["x"] + 12, handle["y"] + handle["height"] / 2)
    mouse.down()
    mouse.move(target["x1"], target["y1"], steps=5)
    mouse.up()
    shown.settle()
    [move] = shown.did("move")
    assert shown.words_of(move) == "until I was calm, and she asked"


def test_a_code_is_changed_in_place(one, put):
    shown = one(put("a", "until I was calm", "support"))
    shown.click("was calm")
    shown.press("c")
    shown.page.keyboard.type("growth")
    shown.press("Enter")
    shown.settle()
    [done] = shown.did("recode")
    assert (done["coding"], done["code"]) == ("a", "growth")
    assert shown.listed() == ["Growth"]


def test_a_coding_is_removed_with_delete(one, put):
    shown = one(put("a", "until I was calm", "support"))
    shown.click("was calm")
    shown.press("Delete")
    shown.settle()
    assert shown.did("remove")[0]["coding"] == "a"
    assert shown.marked() == []


def test_a_coding_that_python_has_not_named_yet_can_be_changed(one):
    shown = one()
    shown.sitting.held = []
    shown.drag("until I was calm")
    shown.press("1", "]")
    assert shown.did("move") == []
    shown.deliver()
    shown.settle()
    [move] = shown.did("move")
    assert move["coding"].startswith("c-")
    assert shown.words_of(move) == "until I was calm, and"
    assert shown.marked() == [["until I was calm, and", 1]]


def test_undo_and_redo(one):
    shown = one()
    shown.drag("until I was calm")
    shown.press("1")
    shown.settle()
    shown.press("Control+z")
    shown.settle()
    assert shown.marked() == []
    shown.press("Control+y")
    shown.settle()
    assert shown.marked() == [["until I was calm", 1]]
    shown.press("Backspace")
    shown.settle()
    assert shown.marked() == []


def test_a_memo_on_words(one):
    shown = one()
    shown.drag("I felt small")
    shown.press("m")
    shown.page.keyboard.type("Her first week: b, d and 1 are only letters here.")
    shown.page.get_by_label("Reflexive").check()
    shown.page.get_by_role("button", name="Keep the memo").click()
    shown.settle()
    [memo] = shown.did("memo")
    assert memo["kind"] == "reflexive"
    assert shown.words_of(memo) == "I felt small"
    assert "Her first week" in shown.page.inner_text("[aria-label='Memos']")


def test_a_new_code_in_the_words_themselves(one):
    shown = one()
    shown.drag("I felt small")
    shown.press("n")
    shown.page.get_by_role("button", name="Use the words themselves").click()
    shown.page.get_by_label("Definition").fill("Feeling small before the group.")
    shown.page.get_by_role("button", name="Make the code").click()
    shown.settle()
    [made] = shown.did("new_code")
    assert (made["name"], made["in_vivo"]) == ("I felt small", True)
    assert shown.page.get_by_role("option", name="I felt small").count() == 1
    assert shown.listed() == ["I felt small"]


def test_a_definition_is_edited(one):
    shown = one()
    shown.drag("I felt small")
    shown.press("/")
    shown.page.keyboard.type("growth")
    shown.press("ArrowRight")
    assert "in which growth is told" in shown.page.inner_text(".ra-detail")
    shown.page.get_by_role("button", name="Edit, move, merge").click()
    shown.page.get_by_label("Definition").fill("Told as growth.")
    shown.page.get_by_role("button", name="Save").click()
    shown.settle()
    [edit] = shown.did("edit_code")
    assert (edit["code"], edit["definition"]) == ("growth", "Told as growth.")
    assert "name" not in edit


# ── proposals ──


def test_proposals_are_accepted_and_rejected_by_key(one, put):
    shown = one(
        put("p1", "until I was calm", "support", "proposed"),
        put("p2", "no time to talk", "time", "proposed"),
    )
    shown.page.locator(".ra-body").focus()
    shown.press("p")
    assert "because: the word “calm”" in shown.page.inner_text(".ra-here")
    shown.press("a", "x")
    shown.settle()
    decided = [(each["codings"], each["action"]) for each in shown.did("decide")]
    assert decided == [(["p1"], "accept"), (["p2"], "reject")]
    assert shown.listed() == ["Emotional support"]
    assert shown.marked() == [["until I was calm", 1]]


def test_a_proposal_is_accepted_with_another_code(one, put):
    shown = one(put("p1", "until I was calm", "support", "proposed"))
    shown.click("was calm")
    shown.press("5")
    shown.settle()
    [change] = shown.did("decide")
    assert (change["action"], change["code"]) == ("change", "growth")


def test_a_proposal_has_buttons(one, put):
    shown = one(put("p1", "until I was calm", "support", "proposed"))
    shown.page.get_by_role("button", name="Reject Emotional support").click()
    shown.settle()
    assert shown.did("decide")[0]["action"] == "reject"


def test_a_blind_phase_is_said_and_shows_no_proposals(show, make_document, text):
    shown = show(make_document("d1", text), blind=True)
    assert shown.page.inner_text(".ra-blind") == "blind"
    assert not shown.page.get_by_role("heading", name="Proposals").is_visible()


# ── the modules ──


def test_the_plain_modules_do_what_the_joined_ones_do(show, make_document, text):
    shown = show(make_document("d1", text), opening={"query": "?plain"})
    shown.drag("until I was calm")
    shown.press("1")
    shown.settle()
    assert shown.marked() == [["until I was calm", 1]]


def test_a_long_line_is_shown_in_pieces_and_selected_across_them(show, make_document):
    text = "A short sentence stands here. " * 400 + "The last words."
    shown = show(make_document("d1", text))
    pieces = shown.page.eval_on_selector_all(
        ".ra-block", "all => all.map(each => each.textContent)"
    )
    assert len(pieces) > 3
    assert "".join(pieces) == text
    body = shown.page.locator(".ra-body")
    body.focus()
    shown.press("Control+a", "1")
    shown.settle()
    [done] = shown.did("code")
    assert (done["start"], done["end"]) == (0, len(text))


def test_the_end_of_a_very_long_text_is_reached_with_the_keyboard(show, make_document, put):
    text = "\n\n".join(f"Paragraph {k} of many, with some words in it." for k in range(3000))
    start = text.index("Paragraph 2990")
    coding = put("z", "Paragraph 2990", "support", text=text)
    shown = show(make_document("d1", text, codings=[coding]))
    assert shown.marked() == []
    shown.page.locator(".ra-body").focus()
    shown.press("j")
    shown.page.wait_for_selector(".ra-run")
    assert shown.marked() == [["Paragraph 2990", 1]]
    assert shown.page.locator(".ra-run").is_visible()
    shown.press("Delete", "Control+End", "s", "2")
    shown.settle()
    [done] = shown.did("code")
    assert done["start"] > start
    assert done["end"] == len(text)
