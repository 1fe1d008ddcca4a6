// The tests, one function each. docs/connector-check.md says what each is for.
#pragma once

#include "report.hpp"
#include "subject.hpp"

namespace sluice::checking {

void check_open_close(const subject& checked, report& out);
void check_missing_services(const subject& checked, report& out);
void check_struct_sizes(const subject& checked, report& out);
void check_examples(const subject& checked, report& out);
void check_http_failures(const subject& checked, report& out);
void check_wrong_input(const subject& checked, report& out);
void check_large_input(const subject& checked, report& out);
void check_broken_json(const subject& checked, report& out);
void check_cancel(const subject& checked, report& out);
void check_completion(const subject& checked, report& out);
void check_strand(const subject& checked, report& out);
void check_concurrent(const subject& checked, report& out);
void check_leaks(const subject& checked, report& out);
void check_fuzz(const subject& checked, report& out);

}  // namespace sluice::checking
