#include "cli/backup_archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/file_descriptor.hpp"
#include "base/stream_digest.hpp"

namespace sluice::cli {
namespace {

using archive_writer = std::unique_ptr<archive, int (*)(archive*)>;
using entry_ptr = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

base::error failed(const std::string& doing, const std::filesystem::path& file,
                   const std::string& why) {
    return base::make_error(base::error_code::unavailable,
                            "cannot " + doing + ' ' + file.string() + ": " + why);
}

base::error failed(const std::string& doing, const std::filesystem::path& file, archive* of) {
    const char* const why = archive_error_string(of);
    return failed(doing, file, why != nullptr ? why : "unknown reason");
}

// "HEX  NAME" lines, the last entry of an archive: a bit that has changed is found out.
constexpr const char* sums_name = "checksums";

base::result<void> add_sums(archive* to, const std::string& sums) {
    const entry_ptr entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), sums_name);
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_size(entry.get(), static_cast<std::int64_t>(sums.size()));
    if (archive_write_header(to, entry.get()) < ARCHIVE_OK ||
        archive_write_data(to, sums.data(), sums.size()) < 0) {
        return failed("write", sums_name, to);
    }
    return {};
}

base::result<void> add_file(archive* to, const archived_file& file, bool must_be_there,
                            std::string& sums) {
    std::ifstream in(file.from, std::ios::binary | std::ios::ate);
    if (!in) {
        if (!must_be_there) return {};
        return failed("read", file.from, std::generic_category().message(errno));
    }
    std::int64_t left = in.tellg();
    in.seekg(0);
    const entry_ptr entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), file.name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_size(entry.get(), left);
    if (archive_write_header(to, entry.get()) < ARCHIVE_OK) return failed("write", file.name, to);
    std::array<char, 1 << 16> piece{};
    base::stream_digest digest;
    while (left > 0 && in) {
        in.read(piece.data(), std::min<std::int64_t>(left, piece.size()));
        const std::streamsize got = in.gcount();
        if (archive_write_data(to, piece.data(), static_cast<std::size_t>(got)) < 0) {
            return failed("write", file.name, to);
        }
        digest.add({piece.data(), static_cast<std::size_t>(got)});
        left -= got;
    }
    if (left > 0 && must_be_there) return failed("read", file.from, "it ends too early");
    for (piece.fill(0); left > 0; left -= std::min<std::int64_t>(left, piece.size())) {
        const std::size_t size =
            static_cast<std::size_t>(std::min<std::int64_t>(left, piece.size()));
        digest.add({piece.data(), size});  // as the archive fills up what has become shorter
    }
    sums += digest.hex() + "  " + file.name + '\n';
    return {};
}

base::result<void> write_archive(int descriptor, const std::vector<archived_file>& files) {
    const archive_writer to(archive_write_new(), archive_write_free);
    archive_write_set_format_pax_restricted(to.get());
    archive_write_set_bytes_in_last_block(to.get(), 1);
    if (archive_write_open_fd(to.get(), descriptor) != ARCHIVE_OK) {
        return failed("write", "the backup", to.get());
    }
    bool first = true;
    std::string sums;
    for (const archived_file& file : files) {
        if (auto added = add_file(to.get(), file, std::exchange(first, false), sums); !added) {
            return added;
        }
    }
    if (auto added = add_sums(to.get(), sums); !added) return added;
    if (archive_write_close(to.get()) != ARCHIVE_OK) return failed("write", "the backup", to.get());
    return {};
}

// "blobs/x1/b1": no absolute one, and nothing that climbs.
bool is_inside(const std::filesystem::path& name) {
    if (name.empty() || name.is_absolute()) return false;
    for (const auto& part : name) {
        if (part == ".." || part == ".") return false;
    }
    return true;
}

base::result<void> write_entry(archive* from, const std::filesystem::path& to) {
    std::error_code problem;
    std::filesystem::create_directories(to.parent_path(), problem);
    if (problem) return failed("make", to.parent_path(), problem.message());
    const base::file_descriptor out(
        ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out.is_open()) return failed("write", to, std::generic_category().message(errno));
    if (archive_read_data_into_fd(from, out.get()) < ARCHIVE_OK) return failed("write", to, from);
    if (::fsync(out.get()) != 0) {
        return failed("write", to, std::generic_category().message(errno));
    }
    return {};
}

base::result<std::string> sum_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    base::stream_digest digest;
    std::array<char, 1 << 16> piece{};
    while (in) {
        in.read(piece.data(), piece.size());
        digest.add({piece.data(), static_cast<std::size_t>(in.gcount())});
    }
    if (!in.eof()) return failed("read", file, std::generic_category().message(errno));
    return digest.hex();
}

// Whether the files are those of the list, each with the content that it had.
base::result<void> check_sums(const std::filesystem::path& from,
                              const std::filesystem::path& folder,
                              const std::vector<std::string>& names) {
    const auto damaged = [&](const std::string& why) {
        return base::make_error(base::error_code::conflict, from.string() + " is damaged: " + why,
                                "take another backup; nothing of this one was kept");
    };
    std::string found;
    for (const std::string& name : names) {
        if (name == sums_name) continue;
        auto sum = sum_of(folder / name);
        if (!sum) return std::move(sum).error_value();
        found += *sum + "  " + name + '\n';
    }
    const auto wanted = base::read_file(folder / sums_name, std::size_t{1} << 30);
    if (!wanted) return damaged("it has no list of checksums");
    std::error_code ignored;
    std::filesystem::remove(folder / sums_name, ignored);
    if (found == *wanted) return {};
    return damaged("its content is not what it was");
}

}  // namespace

base::result<void> pack_files(const std::filesystem::path& to,
                              const std::vector<archived_file>& files) {
    std::error_code problem;
    if (std::filesystem::exists(to, problem)) {
        return base::make_error(base::error_code::conflict, to.string() + " is there already",
                                "give another name; backups are never written over");
    }
    const std::filesystem::path part = to.string() + ".part";
    {
        const base::file_descriptor out(
            ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!out.is_open()) return failed("write", part, std::generic_category().message(errno));
        base::result<void> written = write_archive(out.get(), files);
        if (written && ::fsync(out.get()) != 0) {
            written = failed("write", part, std::generic_category().message(errno));
        }
        if (!written) {
            std::filesystem::remove(part, problem);
            return written;
        }
    }
    std::filesystem::rename(part, to, problem);
    if (problem) return failed("write", to, problem.message());
    return {};
}

base::result<void> unpack_files(const std::filesystem::path& from,
                                const std::filesystem::path& folder) {
    const archive_writer in(archive_read_new(), archive_read_free);
    archive_read_support_format_tar(in.get());
    if (archive_read_open_filename(in.get(), from.c_str(), 1 << 16) != ARCHIVE_OK) {
        return failed("read", from, in.get());
    }
    archive_entry* entry = nullptr;
    std::vector<std::string> names;
    for (;;) {
        const int got = archive_read_next_header(in.get(), &entry);
        if (got == ARCHIVE_EOF) return check_sums(from, folder, names);
        if (got != ARCHIVE_OK) return failed("read", from, in.get());
        const char* const name = archive_entry_pathname(entry);
        if (name == nullptr || archive_entry_filetype(entry) != AE_IFREG || !is_inside(name)) {
            return failed("read", from, "it is no backup of this program");
        }
        if (auto written = write_entry(in.get(), folder / name); !written) return written;
        names.emplace_back(name);
    }
}

}  // namespace sluice::cli
