# cmake -DLIST=connectors.sha256 -P note_hash.cmake CONNECTOR.so
#
# Puts the file's SHA-256 into the list, in place of an earlier one, in the format of sha256sum.
math(EXPR last "${CMAKE_ARGC} - 1")
set(file ${CMAKE_ARGV${last}})
get_filename_component(name ${file} NAME)
get_filename_component(folder ${LIST} DIRECTORY)
file(MAKE_DIRECTORY ${folder})
# Several connectors are linked at once.
file(LOCK ${LIST}.lock GUARD PROCESS TIMEOUT 60)
set(lines)
if(EXISTS ${LIST})
  file(STRINGS ${LIST} lines)
  list(FILTER lines EXCLUDE REGEX "^[0-9a-f]+  ${name}$")
endif()
file(SHA256 ${file} hash)
list(APPEND lines "${hash}  ${name}")
list(SORT lines COMPARE STRING)
list(JOIN lines "\n" text)
file(WRITE ${LIST}.new "${text}\n")
file(RENAME ${LIST}.new ${LIST})
