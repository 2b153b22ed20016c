using System.Security.Cryptography;

namespace TcpAo.Fuzz;

/// <summary>Where findings are kept: <c>artifacts/fuzz</c> under the current directory.</summary>
internal static class CrashStore
{
    public static string Root { get; } = Path.Combine("artifacts", "fuzz");

    /// <summary>Keeps an input and says how to run it again.</summary>
    public static void Keep(string target, byte[] input, string what)
    {
        string directory = Path.Combine(Root, target);
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, $"crash-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}.bin");
        File.WriteAllBytes(path, input);
        Console.WriteLine($"""
            {target}: FOUND {what}
            {input.Length} bytes in {path}; again with
              dotnet run -c Release --project fuzz/TcpAo.Fuzz -- {target} --replay {path}
            """);
    }
}
