using System.Collections.Immutable;
using System.Text;

namespace TcpAo;

/// <summary>How a <see cref="DropReason"/> is written in logs, metrics and JSON.</summary>
public static class DropReasonExtensions
{
    private static readonly ImmutableArray<string> s_names = [.. Enum.GetValues<DropReason>().Select(reason => Kebab(reason.ToString()))];

    /// <summary>The reason in kebab-case, such as <c>mac-mismatch</c>.</summary>
    public static string ToName(this DropReason reason) => s_names[(int)reason];

    private static string Kebab(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name.Replace("RNext", "Rnext", StringComparison.Ordinal))
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('-');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
