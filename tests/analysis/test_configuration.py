"""A config.yaml that cannot be read is refused in one line that says where and what to do."""

import pytest

import configuration
import workflow
from faceage_stats.errors import InputError

BROKEN = {
    "tab": (b"cohorts:\n\tutk: public\n", r"line 2: a tab where YAML wants blanks"),
    "utf-16": ("seed: 1\n".encode("utf-16"), r"config\.yaml is not UTF-8 text"),
    "latin-1": ("seed: 1 # Größe\n".encode("latin-1"), r"config\.yaml is not UTF-8 text"),
    "windows path": (
        b'cohorts:\n  maastro: "C:\\Users\\x.csv"\n',
        r"line 2: a backslash inside double quotes",
    ),
    "list": (b"- seed\n- cohorts\n", r"it is a list; settings are written `name: value`"),
    "list of cohorts": (b"cohorts: [utk]\nseed: 1\n", r"`cohorts`: it is a list"),
    "empty": (b"# nothing\n", r"it is empty; settings are written"),
    "no cohorts": (b"cohorts:\nseed: 1\n", r"`cohorts`: it is empty"),
    "brackets": (b"seed: [1\n", r"config\.yaml, line \d: "),
    "zero byte": (b"seed: 1\x00\n", r"config\.yaml"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_what_yaml_cannot_read_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as refusal:
        workflow.load_config(path)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"config\.yaml cannot be read: "):
        workflow.load_config(tmp_path / "config.yaml")
    with pytest.raises(InputError, match="cannot be read: "):
        workflow.load_config(tmp_path)


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + workflow.CONFIG.read_bytes())
    assert workflow.load_config(path) == workflow.load_config()


@pytest.mark.parametrize("value", ["yes", "0", "opensavely", "{minimum: 0}", "{minimum: 2}"])
def test_disclosure_is_a_rule_set_or_numbers_that_protect(tmp_path, value):
    path = tmp_path / "config.yaml"
    text = workflow.CONFIG.read_text(encoding="utf-8")
    path.write_text(text.replace("disclosure: opensafely", f"disclosure: {value}"), "utf-8")
    with pytest.raises(InputError, match="`disclosure`"):
        workflow.load_config(path)


@pytest.mark.parametrize("value", ["true", "-1", "1.5"])
def test_settings_are_whole_numbers(tmp_path, value):
    path = tmp_path / "config.yaml"
    text = workflow.CONFIG.read_text(encoding="utf-8")
    path.write_text(text.replace("seed: 1 ", f"seed: {value} "), encoding="utf-8")
    with pytest.raises(InputError, match="it must be a whole number"):
        workflow.load_config(path)


def test_a_cohort_may_say_how_its_table_is_read(tmp_path):
    cohort = "maastro: {path: /data/x.xlsx, sheet: patients, heder_row: 2}"
    path = tmp_path / "config.yaml"
    settings = "seed: 1\ndisclosure: opensafely\nbootstrap_replicates: 10\n"
    path.write_text(f"cohorts:\n  {cohort}\n{settings}", encoding="utf-8")
    with pytest.raises(InputError, match=r"`heder_row` is not known\. Did you mean `header_row`"):
        configuration.load(path, ["maastro"])
    path.write_text(path.read_text(encoding="utf-8").replace("heder", "header"), encoding="utf-8")
    given = configuration.load(path, ["maastro"])["cohorts"]["maastro"]
    reading = {"sheet": "patients", "header_row": 2}
    assert configuration.given_tables(given) == [configuration.Given("/data/x.xlsx", reading)]


@pytest.mark.parametrize(
    ("cohort", "message"),
    [
        ("maastro: {path: a.csv, labl: Nord}", r"`labl` is not known\. Did you mean `label`"),
        ("maastro: {path: a.csv, original: maybe}", "`original` is true or false"),
        ("maastro: 7", "it is 7; give a word, a path, or path: and label:"),
        ("maastro: []", "it is an empty list"),
        ("maastro: [{path: a.csv}, {path: b.csv}]", "each of several hospitals needs `path` and"),
        (
            "maastro: [{path: a.csv, short_name: N}, {path: b.csv, short_name: N}]",
            "two hospitals have the same `short_name`",
        ),
        ("maastro: synthetic\nprofile: mine", "`profile` is 'mine'; it may be all or own"),
    ],
)
def test_names_of_cohorts_and_hospitals(tmp_path, cohort, message):
    path = tmp_path / "config.yaml"
    cohort, *top = cohort.split("\n")
    settings = "seed: 1\ndisclosure: opensafely\nbootstrap_replicates: 10\n"
    path.write_text("\n".join([f"cohorts:\n  {cohort}", *top, settings]), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        configuration.load(path, ["maastro"])
