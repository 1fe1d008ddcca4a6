#!/usr/bin/env python3
"""golden_test.py HEADER GOLDEN COMPILER: the comparison notices each kind of broken promise, and
lets through what may be added."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

header, golden, compiler = (sys.argv.pop(1) for _ in range(3))
TEXT = pathlib.Path(header).read_text()


def check(*changes):
    changed = TEXT
    for old, new in changes:
        assert old in changed, old
        changed = changed.replace(old, new, 1)
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "abi.h")
        copy.write_text(changed)
        program = pathlib.Path(__file__).with_name("golden.py")
        run = subprocess.run([sys.executable, program, "check", copy, golden, compiler],
                             capture_output=True, text=True)
    return run.returncode, run.stderr


LAST_OF_REQUEST = "} sluice_request;"
LAST_OF_TIMER = "} sluice_timer_1;"


class Golden(unittest.TestCase):
    def refuses(self, words, *changes):
        code, said = check(*changes)
        self.assertEqual(code, 1, said)
        self.assertIn(words, said)

    def test_the_header_keeps_its_promise(self):
        self.assertEqual(check(), (0, ""))

    def test_a_struct_with_a_size_may_grow_at_its_end(self):
        self.assertEqual(check((LAST_OF_REQUEST, "int64_t started_unix_ms;" + LAST_OF_REQUEST)), (0, ""))

    def test_an_action_may_grow_because_its_array_says_how_far(self):
        self.assertEqual(check(("} sluice_action;", "void* more; } sluice_action;")), (0, ""))

    def test_new_services_codes_and_minors_may_come(self):
        self.assertEqual(check(
            (LAST_OF_TIMER, LAST_OF_TIMER +
             " typedef struct sluice_new_1 { void(SLUICE_CALL* go)(sluice_call* call); } sluice_new_1;"),
            ("#define SLUICE_ABI_MINOR 0", "#define SLUICE_ABI_MINOR 1\n#define SLUICE_BUSY 11u")), (0, ""))

    def test_a_member_in_the_middle(self):
        self.refuses("sluice_request.idempotency_key",
                     ("sluice_str idempotency_key;", "uint64_t more; sluice_str idempotency_key;"))

    def test_members_that_change_places(self):
        self.refuses("sluice_error.message",
                     ("sluice_str message; ", "sluice_str other_json; "),
                     ("sluice_str details_json;", "sluice_str message;"))

    def test_a_member_of_another_type(self):
        self.refuses("sluice_error.retry_after_ms", ("uint32_t retry_after_ms;", "int32_t retry_after_ms;"))

    def test_a_service_that_grows(self):
        self.refuses("sluice_timer_1 is frozen",
                     (LAST_OF_TIMER, "void(SLUICE_CALL* more)(sluice_call* call);" + LAST_OF_TIMER))

    def test_a_view_that_grows(self):
        self.refuses("sluice_str is frozen", ("} sluice_str;", "uint64_t capacity; } sluice_str;"))

    def test_a_function_with_another_parameter(self):
        self.refuses("sluice_timer_1.after", ("uint64_t delay_ms, sluice_done", "uint32_t delay_ms, sluice_done"))

    def test_a_done_function_with_another_parameter(self):
        self.refuses("sluice_fn was", ("sluice_fn)(void* user)", "sluice_fn)(void* user, int how)"))

    def test_a_value_of_another_size(self):
        self.refuses("sluice_code was", ("typedef uint32_t sluice_code;", "typedef uint64_t sluice_code;"))

    def test_an_opaque_type_that_is_gone(self):
        self.refuses("sluice_call was", ("typedef struct sluice_call sluice_call;", "typedef void sluice_call;"))

    def test_a_test_of_members_that_asks_for_something_else(self):
        self.refuses("SLUICE_HAS(p, member) was", ("((p)->size >= offsetof", "((p)->size > offsetof"))

    def test_another_calling_convention(self):
        self.refuses("SLUICE_CALL was", ("#define SLUICE_CALL __cdecl", "#define SLUICE_CALL __stdcall"))

    def test_a_code_with_another_number(self):
        self.refuses("SLUICE_TIMEOUT", ("#define SLUICE_TIMEOUT 7u", "#define SLUICE_TIMEOUT 12u"))

    def test_another_name_of_the_entry(self):
        self.refuses("SLUICE_ENTRY_NAME", ('"sluice_connector_v1"', '"sluice_connector_v2"'))

    def test_a_struct_that_is_gone(self):
        self.refuses("sluice_session_1 is gone",
                     ("typedef struct sluice_session_1 {", "typedef struct sluice_session_2 {"),
                     ("} sluice_session_1;", "} sluice_session_2;"))


if __name__ == "__main__":
    unittest.main()
