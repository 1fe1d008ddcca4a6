// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sluice/testing/mock_host.hpp>
#include <string>

namespace sluice::pdf::testing {

using sluice::testing::call_result;
using sluice::testing::mock_host;

// What a program prints about a file of these bytes; `command` has "FILE" in it.
inline std::string ask(std::string command, const std::string& bytes, int& exit_code) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("pdf-test-" + std::to_string(::getpid()));
    std::ofstream(file, std::ios::binary) << bytes;
    command.replace(command.find("FILE"), 4, file.string());
    std::FILE* output = ::popen((command + " 2>&1").c_str(), "r");
    std::string text;
    std::array<char, 4096> piece{};
    while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), output))
        text.append(piece.data(), count);
    exit_code = ::pclose(output);
    std::filesystem::remove(file);
    return text;
}

inline std::string text_of(const std::string& bytes, const std::string& options = "") {
    int code = 0;
    return ask("pdftotext -enc UTF-8 " + options + " FILE -", bytes, code);
}

}  // namespace sluice::pdf::testing
