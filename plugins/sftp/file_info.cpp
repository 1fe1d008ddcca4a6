#include "file_info.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <sluice/failure.hpp>

namespace sluice::sftp {
namespace {

file_type type_of(const sftp_attributes_struct& attributes) {
    // Not every server fills in the type; the bits of the permissions always have it.
    switch (attributes.permissions & SSH_S_IFMT) {
        case SSH_S_IFREG:
            return file_type::file;
        case SSH_S_IFDIR:
            return file_type::folder;
        case SSH_S_IFLNK:
            return file_type::link;
        case 0:
            break;
        default:
            return file_type::other;
    }
    switch (attributes.type) {
        case SSH_FILEXFER_TYPE_REGULAR:
            return file_type::file;
        case SSH_FILEXFER_TYPE_DIRECTORY:
            return file_type::folder;
        case SSH_FILEXFER_TYPE_SYMLINK:
            return file_type::link;
        default:
            return file_type::other;
    }
}

}  // namespace

file_info read_info(const sftp_attributes_struct& attributes) {
    file_info info;
    if (attributes.name != nullptr) info.name = attributes.name;
    info.type = type_of(attributes);
    info.size = attributes.size;
    info.modified = attributes.mtime;
    info.permissions = attributes.permissions & 07777;
    return info;
}

const char* type_name(file_type type) {
    switch (type) {
        case file_type::file:
            return "file";
        case file_type::folder:
            return "folder";
        case file_type::link:
            return "link";
        case file_type::other:
            break;
    }
    return "other";
}

std::string utc_text(std::int64_t seconds) {
    using namespace std::chrono;
    const sys_seconds time{std::chrono::seconds(seconds)};
    const sys_days day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    std::array<char, 64> text{};
    const int size = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

std::int64_t parse_utc(const std::string& text) {
    using namespace std::chrono;
    int y = 0;
    unsigned mo = 0;
    unsigned d = 0;
    int h = 0;
    int mi = 0;
    int s = 0;
    char z = 0;
    const int read =
        std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%c", &y, &mo, &d, &h, &mi, &s, &z);
    const year_month_day date{year(y), month(mo), day(d)};
    const bool clock = h >= 0 && h < 24 && mi >= 0 && mi < 60 && s >= 0 && s < 60;
    if (read != 7 || z != 'Z' || text.size() != 20 || !date.ok() || !clock) {
        throw failure(SLUICE_INVALID_INPUT, "not a time like 2026-01-31T12:00:00Z: " + text);
    }
    const auto time = sys_days(date) + hours(h) + minutes(mi) + std::chrono::seconds(s);
    return time.time_since_epoch().count();
}

json to_json(const file_info& info, const std::string& path) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", info.permissions);
    return json{{"path", path},
                {"name", info.name},
                {"type", type_name(info.type)},
                {"size", info.size},
                {"modifiedAt", utc_text(info.modified)},
                {"permissions", mode.data()}};
}

}  // namespace sluice::sftp
