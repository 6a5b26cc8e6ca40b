// The command table, nothing else.

#include "engine/commands/commands.h"

int main(int argc, char **argv)
{
    return weir_run_command(argc, argv);
}
