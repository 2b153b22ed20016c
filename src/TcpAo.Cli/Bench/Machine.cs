using System.Globalization;
using System.Runtime.InteropServices;
using TcpAo.Linux.Diagnostics;

namespace TcpAo.Cli.Bench;

/// <summary>What figures depend on.</summary>
internal static class Machine
{
    /// <summary>CPU, its counter, system and runtime in one line.</summary>
    public static string Describe()
    {
        string cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString();
        string counter = TimeStampCounter.IsSupported
            ? string.Create(CultureInfo.InvariantCulture, $", TSC {TimeStampCounter.Frequency / 1e9:F3} GHz")
            : string.Empty;
        return $"{cpu}{counter}, {Environment.ProcessorCount} CPUs, {RuntimeInformation.FrameworkDescription}, Linux {Environment.OSVersion.Version}, {DateTime.UtcNow:yyyy-MM-dd}";
    }
}
