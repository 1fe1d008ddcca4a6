// PE32+ (64-bit Windows libraries), by its section table.
#include <algorithm>
#include <vector>

#include "plugin/binary_bytes.hpp"

namespace sluice::plugin {

namespace {

// Numbers and offsets from the published PE/COFF description.
constexpr std::uint64_t new_header_at = 0x3c;
constexpr std::uint64_t coff_size = 20;
constexpr std::uint16_t pe32_plus_magic = 0x20b;
constexpr std::uint64_t export_directory_at = 112;  // within the optional header
constexpr std::uint16_t library_flag = 0x2000;
constexpr std::uint32_t export_limit = 1u << 16;

struct coff_header {
    std::uint16_t machine, section_count;
    std::uint32_t time, symbols_at, symbol_count;
    std::uint16_t optional_size, flags;
};
static_assert(sizeof(coff_header) == coff_size);

struct pe_section {
    char name[8];
    std::uint32_t virtual_size, virtual_at, file_size, file_at;
    std::uint32_t relocations_at, lines_at;
    std::uint16_t relocation_count, line_count;
    std::uint32_t flags;
};
static_assert(sizeof(pe_section) == 40);

struct export_directory {
    std::uint32_t flags, time;
    std::uint16_t major, minor;
    std::uint32_t name_at, first_ordinal, function_count, name_count;
    std::uint32_t functions_at, names_at, ordinals_at;
};
static_assert(sizeof(export_directory) == 40);

std::string_view name_of(const pe_section& section) {
    const std::string_view name(section.name, sizeof section.name);
    return name.substr(0, name.find('\0'));
}

std::string machine_name(std::uint16_t machine) {
    if (machine == 0x8664) return "x86-64";
    if (machine == 0xaa64) return "arm64";
    return "machine " + std::to_string(machine);
}

// Where an address of the loaded image lies in the file.
std::optional<std::uint64_t> file_offset(const std::vector<pe_section>& sections,
                                         std::uint32_t address) {
    for (const pe_section& section : sections) {
        if (address >= section.virtual_at && address - section.virtual_at < section.file_size) {
            return std::uint64_t{section.file_at} + (address - section.virtual_at);
        }
    }
    return {};
}

base::result<std::vector<std::string>> read_exports(const binary_bytes& bytes,
                                                    const std::vector<pe_section>& sections,
                                                    std::uint32_t directory_at) {
    std::vector<std::string> names;
    if (directory_at == 0) return names;
    const auto offset = file_offset(sections, directory_at);
    const auto directory = offset ? bytes.read<export_directory>(*offset) : std::nullopt;
    if (!directory || directory->name_count > export_limit) {
        return binary_damaged("the export table");
    }
    if (directory->name_count == 0) return names;
    const auto list = file_offset(sections, directory->names_at);
    if (!list) return binary_damaged("the export table");
    for (std::uint64_t index = 0; index < directory->name_count; ++index) {
        const auto address = bytes.read<std::uint32_t>(*list + index * 4);
        const auto name_at = address ? file_offset(sections, *address) : std::nullopt;
        const auto name = name_at ? bytes.text(*name_at) : std::nullopt;
        if (!name) return binary_damaged("the export table");
        names.push_back(*name);
    }
    return names;
}

}  // namespace

base::result<binary_facts> read_pe(const binary_bytes& bytes, std::string_view section) {
    const auto start = bytes.read<std::uint32_t>(new_header_at);
    if (!start) return binary_cut_off("the PE header");
    const auto signature = bytes.slice(*start, 4);
    if (!signature) return binary_cut_off("the PE header");
    if (*signature != std::string_view("PE\0\0", 4)) return binary_damaged("the PE header");
    const auto coff = bytes.read<coff_header>(std::uint64_t{*start} + 4);
    if (!coff) return binary_cut_off("the PE header");
    const std::uint64_t optional_at = std::uint64_t{*start} + 4 + coff_size;
    const auto magic = bytes.read<std::uint16_t>(optional_at);
    if (!magic) return binary_cut_off("the PE header");
    if (*magic != pe32_plus_magic || (coff->flags & library_flag) == 0) {
        return base::make_error(base::error_code::unsupported,
                                "the file is not a 64-bit Windows library",
                                "Build the connector as a 64-bit DLL.");
    }
    binary_facts facts;
    facts.format = binary_format::pe32_plus;
    facts.machine = machine_name(coff->machine);
    std::vector<pe_section> sections;
    for (std::uint64_t index = 0; index < coff->section_count; ++index) {
        const auto entry =
            bytes.read<pe_section>(optional_at + coff->optional_size + index * sizeof(pe_section));
        if (!entry) return binary_cut_off("the section table");
        sections.push_back(*entry);
        if (entry->file_size > 0 && !bytes.slice(entry->file_at, entry->file_size)) {
            return binary_cut_off("section " + std::string(name_of(*entry)));
        }
        if (name_of(*entry) != section) continue;
        if (facts.has_section) return binary_damaged("a second section " + std::string(section));
        // The file pads a section to the alignment; virtual_size is what the compiler emitted.
        const auto size = std::min(entry->virtual_size, entry->file_size);
        set_section(facts, bytes.slice(entry->file_at, size).value_or(""));
    }
    // A header too small to have directories has no export table.
    std::uint32_t directory_at = 0;
    if (coff->optional_size >= export_directory_at + 8) {
        directory_at = bytes.read<std::uint32_t>(optional_at + export_directory_at).value_or(0);
    }
    auto exports = read_exports(bytes, sections, directory_at);
    if (!exports) return exports.error_value();
    facts.exports = std::move(*exports);
    return facts;
}

}  // namespace sluice::plugin
