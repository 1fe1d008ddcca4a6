// sluice_embed_descriptor connector.json OUTPUT.c
// Checks a connector's descriptor and writes it as a source file. Exit code 1: the descriptor is
// wrong, each problem on a line of its own; 2: a file cannot be read or written.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "descriptor_rules.hpp"
#include "descriptor_source.hpp"

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: sluice_embed_descriptor connector.json OUTPUT.c\n";
        return 2;
    }
    const std::string input = argv[1];
    const std::string output = argv[2];
    std::ifstream in(input, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) {
        std::cerr << input << ": cannot be read\n";
        return 2;
    }
    const auto checked = sluice::embed::check_descriptor(text);
    for (const std::string& problem : checked.problems) {
        std::cerr << input << ": error: " << problem << '\n';
    }
    if (!checked.problems.empty()) return 1;

    std::ofstream out(output, std::ios::binary | std::ios::trunc);
    out << sluice::embed::descriptor_source(checked.minified);
    out.close();
    if (!out) {
        std::cerr << output << ": cannot be written\n";
        std::remove(output.c_str());
        return 2;
    }
    return 0;
}
