#include "sftp.hpp"

using sluice::action;
using sluice::sftp::connector;

// The ids are those of connector.json.
SLUICE_CONNECTOR(connector, "sftp", action("checkConnection", &connector::check_connection),
                 action("list", &connector::list),
                 action("listNewFiles", &connector::list_new_files),
                 action("stat", &connector::stat), action("exists", &connector::exists),
                 action("download", &connector::download), action("upload", &connector::upload),
                 action("append", &connector::append), action("move", &connector::move),
                 action("createFolder", &connector::create_folder),
                 action("delete", &connector::remove), action("claim", &connector::claim),
                 action("finish", &connector::finish), action("fail", &connector::fail))
