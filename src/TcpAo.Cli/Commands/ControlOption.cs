using System.CommandLine;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.DataPlane;

namespace TcpAo.Cli.Commands;

/// <summary>What the commands share that talk to a running <c>tcpao run</c>.</summary>
internal static class ControlOption
{
    private const int BadRequest = 400;
    private const int Forbidden = 403;
    private const int Unprocessable = 422;
    private const int TooMany = 429;
    private const int Unavailable = 503;

    public static Option<string?> Create() => new("--control")
    {
        Description = "control socket of the tcpao to talk to (default: that of this network namespace, below /run/tcpao)",
        HelpName = "FILE",
    };

    /// <summary>The socket that is meant.</summary>
    public static string PathOf(string? given) => given is null ? ControlServer.PathBeside(ProtectedHostOptions.DefaultStatePath()) : Path.GetFullPath(given);

    /// <summary>Asks, and turns a refusal into a sentence and an exit code.</summary>
    /// <exception cref="UserErrorException">Nobody answers, or with a refusal.</exception>
    public static byte[] Ask(string? given, Func<ControlClient, byte[]> ask)
    {
        using ControlClient client = Connect(given);
        return Ask(client, ask);
    }

    /// <summary>A client of the socket that is meant.</summary>
    public static ControlClient Connect(string? given) => new(PathOf(given));

    /// <summary>The same with a client that goes on afterwards.</summary>
    /// <exception cref="UserErrorException">Nobody answers, or with a refusal.</exception>
    public static T Ask<T>(ControlClient client, Func<ControlClient, T> ask)
    {
        try
        {
            return ask(client);
        }
        catch (ControlException error)
        {
            string message = string.Join("\ntcpao: ", [.. error.Errors, error.Message]);
            throw new UserErrorException(message, error.Status switch
            {
                0 or TooMany => ExitCodes.Unreachable,
                BadRequest => ExitCodes.Usage,
                Forbidden or Unavailable => ExitCodes.Privilege,
                Unprocessable => ExitCodes.Configuration,
                _ => ExitCodes.Internal,
            });
        }
    }
}
