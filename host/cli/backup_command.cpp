// sluice backup | restore
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/random.hpp"
#include "base/version.hpp"
#include "cli/backup_archive.hpp"
#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"
#include "cli/master_key_options.hpp"
#include "cli/output.hpp"
#include "instance/vault.hpp"
#include "json/text.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* facts_name = "backup.json";
constexpr const char* database_name = "sluice.db";
constexpr const char* blobs_name = "blobs";

struct backup_options {
    fs::path data;
    fs::path to;
    fs::path from;
    instance::master_key_source master_key;
};

// What the executions of the copy name is on disk for longer than they are.
std::vector<archived_file> files_of_executions(const fs::path& data) {
    std::vector<archived_file> out;
    std::error_code problem;
    for (fs::recursive_directory_iterator next(data / blobs_name, problem), end;
         !problem && next != end; next.increment(problem)) {
        if (!next->is_regular_file(problem)) continue;
        out.push_back({fs::relative(next->path(), data, problem).generic_string(), next->path()});
    }
    return out;
}

int failed(const base::error& why) {
    print_error(why);
    return why.code == base::error_code::conflict || why.code == base::error_code::auth
               ? exit_refused
               : exit_environment;
}

int backup(const backup_options& options) {
    base::system_clock clock;
    std::error_code problem;
    if (fs::exists(options.to, problem)) {
        return failed(base::make_error(base::error_code::conflict,
                                       options.to.string() + " is there already",
                                       "give another name; backups are never written over"));
    }
    auto reader = store::open_sqlite_reader(options.data, clock);
    if (!reader) return failed(reader.error_value());
    const fs::path copy = options.to.string() + ".db";
    const fs::path facts = options.to.string() + ".facts";
    struct removed_at_exit {
        const fs::path& copy;
        const fs::path& facts;
        ~removed_at_exit() {
            std::error_code ignored;
            fs::remove(copy, ignored);
            fs::remove(facts, ignored);
        }
    } const cleaner{copy, facts};
    fs::remove(copy, problem);
    const std::int64_t began_ms = clock.unix_ms();
    if (auto copied = (*reader)->copy_to(copy.string()); !copied) {
        return failed(copied.error_value());
    }
    fs::permissions(copy, fs::perms::owner_read | fs::perms::owner_write, problem);
    const json::value about = json::value::object(
        {{"sluice", base::sluice_version}, {"format", 1}, {"began", base::to_rfc3339(began_ms)}});
    if (auto written = base::write_file(facts, json::to_text(about), 0600); !written) {
        return failed(written.error_value());
    }
    // After the database: what it names was there before it was recorded.
    std::vector<archived_file> files = {{database_name, copy}, {facts_name, facts}};
    std::vector<archived_file> blobs = files_of_executions(options.data);
    files.insert(files.end(), blobs.begin(), blobs.end());
    if (auto packed = pack_files(options.to, files); !packed) return failed(packed.error_value());
    print("backup " + options.to.string() + ": " +
          std::to_string(fs::file_size(options.to, problem)) + " bytes, " +
          std::to_string(blobs.size()) +
          " files of executions\n"
          "The master key is not in it: keep a copy elsewhere, a restored host cannot read its "
          "instances without.\n");
    return exit_ok;
}

// Opens all that was sealed with the key that was given.
base::result<void> verify(const fs::path& data, const instance::master_key_source& key) {
    base::system_clock clock;
    base::secure_random random;
    store::sqlite_options settings;
    settings.folder = data;
    settings.clock = &clock;
    settings.disk.reserve_bytes = 0;
    auto opened = store::open_sqlite_store(std::move(settings));
    if (!opened) return std::move(opened).error_value();
    store::store& copy = **opened;
    base::result<void> sound;
    if (is_given(key)) {
        auto keys = instance::read_master_keys(key, environment_variable);
        if (!keys) return std::move(keys).error_value();
        auto vault = instance::vault::open(copy, std::move(*keys), random);
        if (!vault) sound = std::move(vault).error_value();
    } else if (const auto empty = instance::vault::is_empty(copy); !empty || !*empty) {
        sound = empty
                    ? base::make_error(base::error_code::auth,
                                       "the backup holds sealed values, and no master key is given",
                                       "give --master-key-file (the key is not in the backup)")
                    : empty.error_value();
    }
    copy.close();
    return sound;
}

base::result<void> unpack(const backup_options& options) {
    if (auto done = unpack_files(options.from, options.data); !done) return done;
    std::error_code problem;
    if (!fs::exists(options.data / database_name, problem) ||
        !fs::exists(options.data / facts_name, problem)) {
        return base::make_error(base::error_code::conflict,
                                options.from.string() + " is no backup of this program");
    }
    fs::remove(options.data / facts_name, problem);
    return verify(options.data, options.master_key);
}

int restore(const backup_options& options) {
    std::error_code problem;
    const bool was_there = fs::exists(options.data, problem);
    if (was_there && !fs::is_empty(options.data, problem)) {
        return failed(base::make_error(base::error_code::conflict,
                                       options.data.string() + " is not empty",
                                       "restore into a folder that is empty or not there"));
    }
    fs::create_directories(options.data, problem);
    fs::permissions(options.data, fs::perms::owner_all, problem);
    if (auto done = unpack(options); !done) {
        // Nothing that looks like a data folder stays.
        for (const auto& entry : fs::directory_iterator(options.data, problem)) {
            std::error_code ignored;
            fs::remove_all(entry.path(), ignored);
        }
        if (!was_there) fs::remove(options.data, problem);
        return failed(done.error_value());
    }
    print("restored into " + options.data.string() + ": the store is sound" +
          (is_given(options.master_key) ? " and the master key opens it\n" : "\n"));
    return exit_ok;
}

}  // namespace

void add_backup_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<backup_options>();
    CLI::App& backup_command = *app.add_subcommand(
        "backup", "The data folder in one file, consistent, also while the host works");
    backup_command.add_option("--data", options->data, "Folder of the store")->required();
    backup_command.add_option("--to", options->to, "The file to write; it must not be there")
        ->required();
    backup_command.footer(
        "Every event that was accepted before the start is in it, with its outcome if it had one. "
        "The master key is not.\n\nExample: sluice backup --data /var/lib/sluice --to "
        "sluice-2026-11-29.tar");
    backup_command.callback([options, &code] { code = backup(*options); });

    CLI::App& restore_command =
        *app.add_subcommand("restore", "A backup as a new data folder, verified");
    restore_command.add_option("--from", options->from, "The backup")
        ->required()
        ->check(CLI::ExistingFile);
    restore_command.add_option("--data", options->data, "A folder that is empty or not there")
        ->required();
    add_master_key_options(restore_command, options->master_key);
    restore_command.footer(
        "Example: sluice restore --from sluice-2026-11-29.tar --data /var/lib/sluice "
        "--master-key-file master.key\n\nWhat had not ended goes on at the next start.");
    restore_command.callback([options, &code] { code = restore(*options); });
}

}  // namespace sluice::cli
