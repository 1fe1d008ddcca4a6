#include "xml.hpp"

using sluice::action;
using xml::connector;

// The ids are those of connector.json.
SLUICE_CONNECTOR(connector, "xml", action("parse", &connector::parse),
                 action("parseItems", &connector::parse_items), action("write", &connector::write))
