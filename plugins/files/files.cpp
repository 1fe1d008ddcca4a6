#include "files.hpp"

using files::connector;
using sluice::action;

// The ids are those of connector.json.
SLUICE_CONNECTOR(connector, "files", action("checkConnection", &connector::check_connection),
                 action("list", &connector::list), action("stat", &connector::stat),
                 action("exists", &connector::exists),
                 action("listNewFiles", &connector::list_new_files),
                 action("read", &connector::read), action("write", &connector::write),
                 action("append", &connector::append), action("move", &connector::move),
                 action("delete", &connector::remove),
                 action("createFolder", &connector::create_folder),
                 action("claim", &connector::claim), action("finish", &connector::finish),
                 action("fail", &connector::fail))
