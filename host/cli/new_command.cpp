// sluice new connector NAME
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/file.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "plugin/descriptor.hpp"

namespace sluice::cli {
namespace {

struct new_options {
    std::string name;
    std::filesystem::path folder;
    std::filesystem::path from;
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

// "acme-crm" as "acme_crm" (C++) and "Acme crm" (people).
struct names {
    std::string id, identifier, title;
    explicit names(const std::string& name) : id(name), identifier(name), title(name) {
        for (char& c : identifier)
            c = c == '-' ? '_' : c;
        for (char& c : title)
            c = c == '-' ? ' ' : c;
        title[0] = static_cast<char>(title[0] - 'a' + 'A');
    }
    std::string fill(std::string text) const {
        text = replaced(std::move(text), "@NAME@", id);
        text = replaced(std::move(text), "@IDENT@", identifier);
        return replaced(std::move(text), "@TITLE@", title);
    }
};

// The template of the installed SDK beside this program, or of the source tree it was built in.
std::optional<std::filesystem::path> find_template() {
    std::error_code ignored;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ignored);
    for (const std::filesystem::path& candidate :
         {self.parent_path().parent_path() / SLUICE_INSTALLED_TEMPLATE,
          std::filesystem::path(SLUICE_SOURCE_TEMPLATE)}) {
        if (std::filesystem::is_directory(candidate, ignored)) return candidate;
    }
    return std::nullopt;
}

base::result<int> copy_template(const std::filesystem::path& from, const std::filesystem::path& to,
                                const names& fill) {
    std::error_code failed;
    int count = 0;
    for (auto entry = std::filesystem::recursive_directory_iterator(from, failed);
         !failed && entry != std::filesystem::recursive_directory_iterator();
         entry.increment(failed)) {
        const std::filesystem::path target =
            to / fill.fill(std::filesystem::relative(entry->path(), from).string());
        if (entry->is_directory()) {
            std::filesystem::create_directories(target, failed);
            continue;
        }
        std::filesystem::create_directories(target.parent_path(), failed);
        base::result<std::string> content = base::read_file(entry->path());
        if (!content) return std::move(content).error_value();
        base::result<void> written = base::write_file(target, fill.fill(std::move(*content)));
        if (!written) return std::move(written).error_value();
        ++count;
    }
    if (failed) {
        return base::make_error(base::error_code::internal,
                                "cannot copy " + from.string() + ": " + failed.message());
    }
    return count;
}

// Where the SDK is installed, for CMake, when the template stands in an installation.
std::string prefix_option(const std::filesystem::path& from) {
    const std::filesystem::path installed = SLUICE_INSTALLED_TEMPLATE;
    std::filesystem::path prefix = std::filesystem::weakly_canonical(from);
    for (auto part = installed.end(); part != installed.begin();) {
        if (prefix.filename() != *--part) return {};
        prefix = prefix.parent_path();
    }
    return " -DCMAKE_PREFIX_PATH=" + prefix.string();
}

int new_connector(const new_options& options) {
    const auto refuse = [](std::string message, std::string hint) {
        print_error(
            base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint)));
        return exit_refused;
    };
    if (!plugin::is_connector_id(options.name)) {
        return refuse("\"" + options.name + "\" cannot be a connector's id",
                      "use lower-case letters, digits and hyphens, beginning with a letter");
    }
    const std::filesystem::path folder =
        options.folder.empty() ? std::filesystem::path(options.name) : options.folder;
    std::error_code ignored;
    if (std::filesystem::exists(folder, ignored)) {
        return refuse(folder.string() + " exists already", "choose another name or --folder");
    }
    std::optional<std::filesystem::path> from = options.from;
    if (options.from.empty()) from = find_template();
    if (!from) {
        return refuse("the SDK's template is not installed beside this program",
                      "install the SDK (cmake --install) or name a folder with --template");
    }
    base::result<int> copied = copy_template(*from, folder, names(options.name));
    if (!copied) return print_error(copied.error_value()), exit_environment;
    print("made " + folder.string() + " (" + std::to_string(*copied) +
          " files). Build and test it:\n  cmake -S " + folder.string() + " -B " + folder.string() +
          "/build" + prefix_option(*from) + " && cmake --build " + folder.string() +
          "/build && ctest --test-dir " + folder.string() + "/build\n");
    return exit_ok;
}

}  // namespace

void add_new_command(CLI::App& app, int& code) {
    auto options = std::make_shared<new_options>();
    CLI::App& group = *app.add_subcommand("new", "Start something of your own");
    group.require_subcommand(1);
    CLI::App& command =
        *group.add_subcommand("connector", "A folder with a connector that builds and is tested");
    command.add_option("NAME", options->name, "Its id, for example acme-crm")->required();
    command.add_option("--folder", options->folder, "Where (default: ./NAME)");
    command.add_option("--template", options->from, "Copy this folder instead of the SDK's");
    command.footer("Example: sluice new connector acme-crm");
    command.callback([options, &code] { code = new_connector(*options); });
}

}  // namespace sluice::cli
