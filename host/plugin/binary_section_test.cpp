#include "plugin/binary_section.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/base_testing.hpp"
#include "base/file.hpp"
#include "base/random.hpp"
#include "base/subprocess.hpp"
#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view section = "sluicemd";

base::result<base::subprocess_outcome> run(std::vector<std::string> argv) {
    base::process_command command;
    command.argv = std::move(argv);
    return base::run_subprocess(command, 30'000);
}

std::string bytes_of(const std::filesystem::path& file) {
    auto bytes = base::read_file(file);
    EXPECT_TRUE(bytes);
    return bytes ? *bytes : std::string();
}

void put16(std::string& out, std::size_t at, std::uint16_t value) {
    std::memcpy(out.data() + at, &value, sizeof value);
}
void put32(std::string& out, std::size_t at, std::uint32_t value) {
    std::memcpy(out.data() + at, &value, sizeof value);
}

// A library of one section, as small as the format allows.
std::string small_pe(std::string_view content) {
    constexpr std::size_t head = 0x40, coff = head + 4, optional = coff + 20, optional_size = 240;
    constexpr std::size_t table = optional + optional_size, data = 0x200;
    std::string out(data + content.size() + 16, '\0');
    out.replace(0, 2, "MZ");
    put32(out, 0x3c, head);
    out.replace(head, 2, "PE");
    put16(out, coff, 0x8664);
    put16(out, coff + 2, 1);  // sections
    put16(out, coff + 16, optional_size);
    put16(out, coff + 18, 0x2000);  // a library
    put16(out, optional, 0x20b);
    out.replace(table, section.size(), section);
    put32(out, table + 8, static_cast<std::uint32_t>(content.size()));
    put32(out, table + 12, 0x1000);
    put32(out, table + 16, static_cast<std::uint32_t>(content.size() + 16));
    put32(out, table + 20, data);
    out.replace(data, content.size(), content);
    return out;
}

// Every cut and many damaged copies: any answer will do, as long as it is one.
void torture(const std::string& good, std::uint64_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::seeded_random random(seed);
    const std::size_t step = good.size() / 500 + 1;
    for (std::size_t size = 0; size < good.size(); size += step) {
        (void)read_binary(good.substr(0, size), section);
    }
    for (int round = 0; round < 3'000; ++round) {
        std::string bad = good;
        for (std::uint64_t changes = 1 + random.below(8); changes > 0; --changes) {
            // Half of them into the headers, where the offsets are.
            const std::size_t window =
                random.below(2) == 0 ? std::min<std::size_t>(512, bad.size()) : bad.size();
            bad[random.below(window)] =
                static_cast<char>(random.below(4) == 0 ? 0xff : random.below(256));
        }
        (void)read_binary(bad, section);
    }
}

}  // namespace

TEST(binary_section, reads_an_elf_library_without_loading_it) {
    const auto facts = read_binary(bytes_of(fixture("probe")), section);
    ASSERT_TRUE(facts) << facts.error_value().to_text();
    EXPECT_EQ(facts->format, binary_format::elf64);
    EXPECT_EQ(facts->machine, native_machine());
    ASSERT_TRUE(facts->has_section);
    EXPECT_THAT(facts->section, testing::StartsWith("{\"sluice\":1,\"id\":\"probe\""));
    EXPECT_THAT(facts->section, testing::EndsWith("}"));
    EXPECT_THAT(facts->exports, ElementsAre("sluice_connector_v1"));
}

TEST(binary_section, says_when_there_is_no_such_section) {
    const auto facts = read_binary(bytes_of(fixture("no_descriptor")), section);
    ASSERT_TRUE(facts);
    EXPECT_FALSE(facts->has_section);
}

TEST(binary_section, the_descriptor_survives_strip) {
    const base::temporary_folder folder;
    const auto stripped = folder.path() / "stripped.so";
    const auto done = run({"strip", "-o", stripped.string(), fixture("probe").string()});
    if (!done) GTEST_SKIP() << "no strip here";
    ASSERT_TRUE(done->exit.ok()) << done->err;
    const auto facts = read_binary(bytes_of(stripped), section);
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->has_section);
    EXPECT_THAT(facts->exports, ElementsAre("sluice_connector_v1"));
}

TEST(binary_section, every_cut_of_an_elf_library_is_called_cut_off) {
    const std::string whole = bytes_of(fixture("probe"));
    for (std::size_t size = 4; size < whole.size(); size += 97) {
        const auto facts = read_binary(whole.substr(0, size), section);
        ASSERT_FALSE(facts) << size << " of " << whole.size();
        EXPECT_EQ(facts.error_value().code, base::error_code::unavailable) << size;
    }
}

TEST(binary_section, survives_damaged_libraries) {
    torture(bytes_of(fixture("probe")), 1);
    torture(small_pe("{\"sluice\":1}"), 2);
}

TEST(binary_section, refuses_programs_and_other_files) {
    const auto object = read_binary(
        "\x7f"
        "ELF\x01\x01\x01" +
            std::string(60, '\0'),
        section);
    ASSERT_FALSE(object);
    EXPECT_THAT(object.error_value().message, HasSubstr("64-bit"));
    EXPECT_FALSE(read_binary("#!/bin/sh", section));
    EXPECT_FALSE(read_binary("", section));
    EXPECT_FALSE(read_binary("MZ", section));
}

TEST(binary_section, reads_the_smallest_pe_library) {
    const auto facts = read_binary(small_pe("{\"sluice\":1}"), section);
    ASSERT_TRUE(facts) << facts.error_value().to_text();
    EXPECT_EQ(facts->format, binary_format::pe32_plus);
    EXPECT_EQ(facts->machine, "x86-64");
    EXPECT_EQ(facts->section, "{\"sluice\":1}");
    EXPECT_THAT(facts->exports, IsEmpty());
}

TEST(binary_section, reads_a_pe_library_from_real_tools) {
    const base::temporary_folder folder;
    const auto source = folder.path() / "connector.s";
    ASSERT_TRUE(base::write_file(source, R"(
        .globl sluice_connector_v1
        .def sluice_connector_v1; .scl 2; .type 32; .endef
        .text
sluice_connector_v1:
        xorl %eax, %eax
        ret
        .section sluicemd,"dr"
        .asciz "{\"sluice\":1,\"id\":\"windows\"}"
        .section .drectve
        .ascii " -export:sluice_connector_v1"
)"));
    const auto object = (folder.path() / "connector.o").string();
    const auto library = (folder.path() / "connector.dll").string();
    const auto assembled = run({"x86_64-w64-mingw32-as", "-o", object, source.string()});
    if (!assembled || !assembled->exit.ok()) GTEST_SKIP() << "no mingw binutils here";
    const auto linked = run(
        {"x86_64-w64-mingw32-ld", "-shared", "--no-gc-sections", "-e", "0", "-o", library, object});
    ASSERT_TRUE(linked && linked->exit.ok()) << linked->err;
    const std::string bytes = bytes_of(library);
    const auto facts = read_binary(bytes, section);
    ASSERT_TRUE(facts) << facts.error_value().to_text();
    EXPECT_EQ(facts->format, binary_format::pe32_plus);
    EXPECT_EQ(facts->section, "{\"sluice\":1,\"id\":\"windows\"}");
    EXPECT_THAT(facts->exports, ElementsAre("sluice_connector_v1"));
    torture(bytes, 3);
}

TEST(binary_section, a_second_section_of_the_name_is_damage) {
    std::string twice = small_pe("{}");
    put16(twice, 0x44 + 2, 2);
    constexpr std::size_t table = 0x44 + 20 + 240;
    twice.replace(table + 40, 40, twice.substr(table, 40));
    const auto facts = read_binary(twice, section);
    ASSERT_FALSE(facts);
    EXPECT_THAT(facts.error_value().message, HasSubstr("second section"));
}

}  // namespace sluice::plugin
