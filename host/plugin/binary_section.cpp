#include "plugin/binary_section.hpp"

#include <algorithm>

#include "plugin/binary_bytes.hpp"

namespace sluice::plugin {

using base::error_code;

base::error binary_cut_off(std::string_view where) {
    return base::make_error(error_code::unavailable,
                            "the file is cut off (" + std::string(where) + " lies behind its end)",
                            "If it is being copied, wait; otherwise copy it again, best under "
                            "another name and then renamed.");
}

base::error binary_damaged(std::string_view where) {
    return base::make_error(error_code::invalid_input,
                            "the file is damaged (" + std::string(where) + " makes no sense)",
                            "Build or copy the connector again.");
}

void set_section(binary_facts& facts, std::string_view content) {
    const auto last = content.find_last_not_of('\0');
    facts.has_section = true;
    facts.section = last == std::string_view::npos ? "" : content.substr(0, last + 1);
}

base::result<binary_facts> read_binary(std::string_view bytes, std::string_view section) {
    const binary_bytes reader(bytes);
    if (bytes.empty()) return binary_cut_off("everything");
    base::result<binary_facts> facts =
        base::make_error(error_code::invalid_input, "the file is not a shared library",
                         "Put only connector libraries (ELF .so files) into this folder.");
    if (bytes.starts_with("\x7f"
                          "ELF"))
        facts = read_elf(reader, section);
    if (bytes.starts_with("MZ")) facts = read_pe(reader, section);
    if (facts) std::ranges::sort(facts->exports);
    return facts;
}

std::string_view native_machine() {
#if defined(__x86_64__)
    return "x86-64";
#elif defined(__aarch64__)
    return "arm64";
#else
#error "name this machine here and in binary_elf.cpp"
#endif
}

}  // namespace sluice::plugin
