#include "plugin/full_check.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "plugin/binary_section.hpp"
#include "plugin/check.hpp"
#include "plugin/scan.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

namespace {

bool wanted(const full_check_options& options, std::string_view name) {
    const auto names = [&](const std::vector<std::string>& list) {
        return std::ranges::find(list, name) != list.end();
    };
    return (options.only.empty() || names(options.only)) && !names(options.off);
}

// What the host itself does before it trusts a file, in a child.
check_test check_load(const std::filesystem::path& file, const full_check_options& options) {
    check_test test{"load", "loaded, opened and closed", {}, 0};
    const check_report report = check_connector(file, options.self, options.timeout_ms);
    for (const check_item& item : report.items) {
        if (item.passed || item.name == "exports" || item.name == "descriptor") continue;
        test.findings.push_back({true, item.detail, report.next_step, {}});
    }
    return test;
}

bool write_descriptor(const std::filesystem::path& file, const std::filesystem::path& folder) {
    const auto bytes = base::read_file(file, library_size_limit);
    if (!bytes) return false;
    const auto facts = read_binary(*bytes, SLUICE_DESCRIPTOR_SECTION);
    return facts && base::write_file(folder / "descriptor.json", facts->section);
}

}  // namespace

bool check_test::failed() const {
    return std::ranges::any_of(findings, [](const check_finding& one) { return one.failure; });
}

std::vector<std::string_view> file_test_names() {
    return {"descriptor", "symbols", "scan-time", "load"};
}

std::vector<check_test> check_fully(const std::filesystem::path& file, base::clock& time,
                                    const full_check_options& options) {
    std::vector<check_test> tests;
    // `must`: it keeps the others from running, so it is told whatever was asked for.
    const auto add = [&](check_test test, std::int64_t begun_ns, bool must = false) {
        test.took_ms = (time.steady_ns() - begun_ns) / 1'000'000;
        if (must || wanted(options, test.name)) tests.push_back(std::move(test));
    };
    const bool refused = std::holds_alternative<refusal>(inspect_file(file));
    std::int64_t begun = time.steady_ns();
    add(check_descriptor(file), begun, refused);
    begun = time.steady_ns();
    add(check_symbols(file), begun);
    begun = time.steady_ns();
    add(check_scan_time(file, time), begun);
    if (refused) return tests;

    begun = time.steady_ns();
    check_test load = check_load(file, options);
    if (!load.failed() && !write_descriptor(file, options.folder)) {
        load.findings.push_back({true,
                                 "its descriptor could not be written to the work folder",
                                 "See that there is room in the folder for temporary files.",
                                 {}});
    }
    const bool loads = !load.failed();
    add(std::move(load), begun, !loads);
    if (!loads) return tests;
    std::vector<std::string_view> names;
    std::ranges::copy_if(options.child_tests, std::back_inserter(names),
                         [&](std::string_view name) { return wanted(options, name); });
    for (check_test& test : run_child_tests(file, time, options, names))
        tests.push_back(std::move(test));
    return tests;
}

}  // namespace sluice::plugin
