#include "sluice/check_child.hpp"

#include <sched.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>

#include "checks.hpp"

namespace sluice::checking {
namespace {

struct named_test {
    std::string_view name;
    void (*run)(const subject& checked, report& out);
};

constexpr std::array tests = {
    named_test{"open-close", check_open_close},
    named_test{"missing-services", check_missing_services},
    named_test{"struct-sizes", check_struct_sizes},
    named_test{"examples", check_examples},
    named_test{"http-failures", check_http_failures},
    named_test{"wrong-input", check_wrong_input},
    named_test{"large-input", check_large_input},
    named_test{"broken-json", check_broken_json},
    named_test{"cancel", check_cancel},
    named_test{"completion", check_completion},
    named_test{"strand", check_strand},
    named_test{"concurrent", check_concurrent},
    named_test{"leaks", check_leaks},
    named_test{"fuzz", check_fuzz},
};

const named_test* find_test(std::string_view name) {
    for (const named_test& one : tests) {
        if (one.name == name) return &one;
    }
    return nullptr;
}

// A connector that is checked reaches nobody. Where the system does not allow that, its connections
// still name nothing but this machine and addresses that do not exist.
void leave_the_network() {
    if (unshare(CLONE_NEWNET) == 0) return;
    const int ignored = unshare(CLONE_NEWUSER | CLONE_NEWNET);
    static_cast<void>(ignored);
}

// Deep enough for a few `..` of a connector that does not confine its paths.
std::filesystem::path make_playground(const std::filesystem::path& folder) {
    const std::filesystem::path made = folder / "a" / "b" / "c" / "d" / "e" / "f";
    std::filesystem::create_directories(made);
    return made;
}

std::string read_all(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

int run(const named_test& test, const char* const* arguments) {
    const std::filesystem::path library = std::filesystem::absolute(arguments[0]);
    const std::filesystem::path folder = std::filesystem::absolute(arguments[1]);
    report out(folder, test.name);
    const std::filesystem::path playground = make_playground(folder / test.name);
    std::filesystem::current_path(playground);
    out.doing("loading the library");
    const sluice_entry entry = testing::load_connector(library);
    subject checked = make_subject(entry, read_all(folder / "descriptor.json"), playground,
                                   std::strtoull(arguments[3], nullptr, 10));
    checked.budget = std::chrono::milliseconds(std::strtoll(arguments[4], nullptr, 10));
    if (*arguments[5] != '\0') checked.round = std::strtoull(arguments[5], nullptr, 10);
    test.run(checked, out);
    out.doing("the end of the test");
    out.end();
    return 0;
}

}  // namespace

std::vector<std::string_view> test_names() {
    std::vector<std::string_view> names;
    for (const named_test& one : tests)
        names.push_back(one.name);
    return names;
}

int run_test(int count, const char* const* arguments) {
    const named_test* const test = count == 6 ? find_test(arguments[2]) : nullptr;
    if (test == nullptr) return 2;
    leave_the_network();
    try {
        return run(*test, arguments);
    } catch (const std::exception& thrown) {
        std::fprintf(stderr, "the test stopped: %s\n", thrown.what());
        return 3;
    }
}

}  // namespace sluice::checking
