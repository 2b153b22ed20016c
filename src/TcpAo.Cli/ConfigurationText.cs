using TcpAo.Hosting.Configuration;

namespace TcpAo.Cli;

/// <summary>Loads a configuration for a command; what is wrong with it becomes lines on stderr and exit code 3.</summary>
internal static class ConfigurationText
{
    /// <exception cref="UserErrorException">The configuration is wrong; one line for each error.</exception>
    public static TcpAoConfiguration Load(string path, string? kekFile = null)
    {
        try
        {
            TcpAoConfiguration configuration = ConfigurationFile.Load(path, kekFile);
            foreach (ConfigurationError warning in configuration.Warnings)
            {
                Console.Error.WriteLine($"tcpao: warning: {warning}");
            }

            return configuration;
        }
        catch (ConfigurationException error)
        {
            throw Errors(error);
        }
    }

    /// <summary>One line for each error.</summary>
    public static UserErrorException Errors(ConfigurationException error) =>
        new(string.Join("\ntcpao: ", error.Errors.Select(e => e.ToString())), ExitCodes.Configuration);
}
