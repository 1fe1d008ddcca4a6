// ELF64, by its section headers.
#include <elf.h>

#include "plugin/binary_bytes.hpp"

namespace sluice::plugin {

namespace {

struct elf_sections {
    Elf64_Ehdr head;
    std::uint64_t count = 0;
    Elf64_Shdr names;
};

std::string machine_name(std::uint16_t machine) {
    if (machine == EM_X86_64) return "x86-64";
    if (machine == EM_AARCH64) return "arm64";
    return "machine " + std::to_string(machine);
}

Elf64_Shdr section_at(const binary_bytes& bytes, const elf_sections& sections,
                      std::uint64_t index) {
    // In range: read_sections has checked the whole table.
    return *bytes.read<Elf64_Shdr>(sections.head.e_shoff + index * sizeof(Elf64_Shdr));
}

base::result<elf_sections> read_sections(const binary_bytes& bytes) {
    const auto head = bytes.read<Elf64_Ehdr>(0);
    if (!head) return binary_cut_off("the ELF header");
    if (head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != ELFDATA2LSB) {
        return base::make_error(base::error_code::unsupported,
                                "the file is not a 64-bit little-endian library",
                                "Build the connector for this machine.");
    }
    if (head->e_type != ET_DYN) {
        return base::make_error(base::error_code::invalid_input,
                                "the file is an ELF file but not a shared library",
                                "Link the connector with -shared.");
    }
    elf_sections sections{*head, head->e_shnum, {}};
    if (head->e_shoff == 0 || head->e_shentsize != sizeof(Elf64_Shdr)) {
        return binary_damaged("the section table");
    }
    if (!bytes.slice(head->e_shoff, sections.count * sizeof(Elf64_Shdr))) {
        return binary_cut_off("the section table");
    }
    if (head->e_shstrndx >= sections.count) return binary_damaged("the section table");
    sections.names = section_at(bytes, sections, head->e_shstrndx);
    return sections;
}

// Loading a file whose segments end behind it would kill the process with SIGBUS.
base::result<void> check_segments(const binary_bytes& bytes, const Elf64_Ehdr& head) {
    if (head.e_phentsize != sizeof(Elf64_Phdr)) return binary_damaged("the segment table");
    for (std::uint64_t index = 0; index < head.e_phnum; ++index) {
        const auto segment = bytes.read<Elf64_Phdr>(head.e_phoff + index * sizeof(Elf64_Phdr));
        if (!segment) return binary_cut_off("the segment table");
        if (segment->p_type == PT_LOAD && !bytes.slice(segment->p_offset, segment->p_filesz)) {
            return binary_cut_off("a segment");
        }
    }
    return {};
}

base::result<void> read_exports(const binary_bytes& bytes, const elf_sections& sections,
                                const Elf64_Shdr& table, binary_facts& facts) {
    if (table.sh_entsize != sizeof(Elf64_Sym) || table.sh_link >= sections.count) {
        return binary_damaged("the symbol table");
    }
    if (!bytes.slice(table.sh_offset, table.sh_size)) return binary_cut_off("the symbol table");
    const Elf64_Shdr names = section_at(bytes, sections, table.sh_link);
    for (std::uint64_t index = 1; index < table.sh_size / sizeof(Elf64_Sym); ++index) {
        const auto symbol = *bytes.read<Elf64_Sym>(table.sh_offset + index * sizeof(Elf64_Sym));
        const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
        const bool shared = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
        if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL || !shared) {
            continue;
        }
        const auto name = symbol.st_name < names.sh_size
                              ? bytes.text(names.sh_offset + symbol.st_name)
                              : std::nullopt;
        if (!name) return binary_damaged("the symbol table");
        facts.exports.push_back(*name);
        if (ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE) facts.unique_symbols.push_back(*name);
    }
    return {};
}

base::result<void> read_needed(const binary_bytes& bytes, const elf_sections& sections,
                               const Elf64_Shdr& table, std::vector<std::string>& needed) {
    if (table.sh_entsize != sizeof(Elf64_Dyn) || table.sh_link >= sections.count) {
        return binary_damaged("the dynamic section");
    }
    if (!bytes.slice(table.sh_offset, table.sh_size)) return binary_cut_off("the dynamic section");
    const Elf64_Shdr names = section_at(bytes, sections, table.sh_link);
    for (std::uint64_t index = 0; index < table.sh_size / sizeof(Elf64_Dyn); ++index) {
        const auto entry = *bytes.read<Elf64_Dyn>(table.sh_offset + index * sizeof(Elf64_Dyn));
        if (entry.d_tag != DT_NEEDED) continue;
        const auto name = entry.d_un.d_val < names.sh_size
                              ? bytes.text(names.sh_offset + entry.d_un.d_val)
                              : std::nullopt;
        if (!name) return binary_damaged("the dynamic section");
        needed.push_back(*name);
    }
    return {};
}

}  // namespace

base::result<binary_facts> read_elf(const binary_bytes& bytes, std::string_view section) {
    const auto sections = read_sections(bytes);
    if (!sections) return sections.error_value();
    if (auto segments = check_segments(bytes, sections->head); !segments) {
        return segments.error_value();
    }
    binary_facts facts;
    facts.machine = machine_name(sections->head.e_machine);
    for (std::uint64_t index = 0; index < sections->count; ++index) {
        const Elf64_Shdr entry = section_at(bytes, *sections, index);
        if (entry.sh_type == SHT_DYNSYM) {
            auto read = read_exports(bytes, *sections, entry, facts);
            if (!read) return read.error_value();
        }
        if (entry.sh_type == SHT_DYNAMIC) {
            auto read = read_needed(bytes, *sections, entry, facts.needed);
            if (!read) return read.error_value();
        }
        if (entry.sh_type == SHT_NULL || entry.sh_type == SHT_NOBITS) continue;
        const auto name = entry.sh_name < sections->names.sh_size
                              ? bytes.text(sections->names.sh_offset + entry.sh_name)
                              : std::nullopt;
        if (!name || *name != section) continue;
        const auto content = bytes.slice(entry.sh_offset, entry.sh_size);
        if (!content) return binary_cut_off("section " + std::string(section));
        if (facts.has_section) return binary_damaged("a second section " + std::string(section));
        set_section(facts, *content);
    }
    return facts;
}

}  // namespace sluice::plugin
