using System.CommandLine;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.KeyStores;
using TcpAo.Hosting.KeyStores.Etcd;

namespace TcpAo.Cli.Commands.Fleet;

/// <summary>What the verbs of <c>tcpao fleet</c> share, and how failures become exit codes.</summary>
internal static class FleetOptions
{
    public static Option<string> Config() => new("--config", "-c") { Description = "configuration with 'key-store:'", HelpName = "FILE", Required = true };

    public static Option<bool> Json() => new("--json") { Description = "JSON, schema tcpao.fleet/1" };

    public static Argument<string> Chain() => new("chain") { Description = "name of the key chain in the store", HelpName = "CHAIN" };

    /// <summary>Does something with the store of a configuration.</summary>
    /// <exception cref="UserErrorException">It went wrong.</exception>
    public static async Task<T> UseAsync<T>(string file, Func<FleetStore, KeyStoreConfiguration, Task<T>> use)
    {
        try
        {
            KeyStoreConfiguration store = ConfigurationText.Load(file).KeyStore ?? throw new UserErrorException($"{file}: there is no 'key-store:'", ExitCodes.Configuration);
#pragma warning disable CA2000 // the fleet disposes of it
            using var fleet = new FleetStore(new EtcdKeyStore(store), store);
#pragma warning restore CA2000
            return await use(fleet, store).ConfigureAwait(false);
        }
        catch (ConfigurationException error)
        {
            throw ConfigurationText.Errors(error);
        }
        catch (KeyFileException error)
        {
            throw new UserErrorException(error.Message, ExitCodes.Usage);
        }
        catch (FleetException error)
        {
            throw new UserErrorException(error.Message, ExitCodes.No);
        }
        catch (KeyStoreException error)
        {
            throw new UserErrorException(error.Message, error.Failure == KeyStoreFailure.Denied ? ExitCodes.Privilege : ExitCodes.Unreachable);
        }
    }

    /// <summary>The document, or a sentence that there is none.</summary>
    /// <exception cref="FleetException">There is none.</exception>
    public static ChainDocument Existing(ChainDocument? document, string chain) =>
        document ?? throw new FleetException($"the store has no chain {chain}; 'tcpao fleet push {chain} --from FILE --host HOST…' puts it there");
}
