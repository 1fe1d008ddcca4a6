# Installs the SDK, copies the template as `sluice new connector` does, and builds and tests the
# copy against the installed SDK.
#   cmake -D BUILD=... -D COMPILER=... -D C_COMPILER=... -D GENERATOR=... -D WORK=... -P this
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output
    ERROR_VARIABLE output TIMEOUT 600)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGV}\nended with ${status}:\n${output}")
  endif()
  set(run_output "${output}" PARENT_SCOPE)
endfunction()

set(work ${WORK}/outside_the_tree)
file(REMOVE_RECURSE ${work})  # of a run that failed
set(sdk ${work}/sdk)
set(project ${work}/hello-world)
run(${CMAKE_COMMAND} --install ${BUILD} --component sluice_sdk --prefix ${sdk})

set(template ${sdk}/share/sluice/template)
file(GLOB_RECURSE files RELATIVE ${template} ${template}/*)
foreach(file ${files})
  file(READ ${template}/${file} text)
  foreach(part file text)
    string(REPLACE "@NAME@" "hello-world" ${part} "${${part}}")
    string(REPLACE "@IDENT@" "hello_world" ${part} "${${part}}")
    string(REPLACE "@TITLE@" "Hello World" ${part} "${${part}}")
  endforeach()
  if(text MATCHES "@[A-Z]+@")
    message(FATAL_ERROR "${file} keeps the placeholder ${CMAKE_MATCH_0}")
  endif()
  file(WRITE ${project}/${file} "${text}")
endforeach()

run(${CMAKE_COMMAND} -S ${project} -B ${project}/build -G ${GENERATOR}
  -D CMAKE_PREFIX_PATH=${sdk} -D CMAKE_BUILD_TYPE=Debug -D CMAKE_CXX_COMPILER=${COMPILER}
  -D CMAKE_C_COMPILER=${C_COMPILER} "-D CMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
run(${CMAKE_COMMAND} --build ${project}/build --parallel 2)
run(${CMAKE_CTEST_COMMAND} --test-dir ${project}/build --output-on-failure --no-tests=error)
run(${CMAKE_COMMAND} --install ${project}/build --prefix ${work}/plugins)
if(NOT EXISTS ${work}/plugins/hello-world.so)
  message(FATAL_ERROR "hello-world.so was not installed")
endif()

run(nm -D --defined-only ${work}/plugins/hello-world.so)
if(NOT run_output MATCHES " T sluice_connector_v1\n$" OR run_output MATCHES "\n.*\n")
  message(FATAL_ERROR "the connector exports more or less than its entry:\n${run_output}")
endif()

# A descriptor that is wrong stops the build with a sentence that says where.
file(READ ${project}/connector.json text)
string(REPLACE "\"bearer\"" "\"berer\"" text "${text}")
file(WRITE ${project}/connector.json "${text}")
execute_process(COMMAND ${CMAKE_COMMAND} --build ${project}/build RESULT_VARIABLE status
  OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status EQUAL 0 OR NOT output MATCHES "/connections/token/kind: unknown value 'berer'")
  message(FATAL_ERROR "a wrong descriptor was not refused:\n${output}")
endif()

file(REMOVE_RECURSE ${work})
